"""Reading and writing: files in, files out, and tables typed by hand."""
