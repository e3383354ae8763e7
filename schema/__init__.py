"""What the data is, what may be done to it; how GraphQL shows it. Each noun is a folder with the same file names."""
