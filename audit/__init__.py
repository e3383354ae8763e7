"""What others have made to find faults in servers like this one, turned on Postberry: `make audit`."""
