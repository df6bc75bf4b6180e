"""What students are excused from: the list that whoever grants it keeps."""
