"""Who is sponsored: the list that the compliance office keeps."""
