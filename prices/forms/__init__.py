"""What people send, checked and cleaned; what they may choose from. Forms store nothing. Views and the admin import them."""
