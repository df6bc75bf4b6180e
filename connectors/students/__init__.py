"""The records system's list of students: who they are to other systems, and when they study."""
