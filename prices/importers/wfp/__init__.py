"""Price files of the World Food Programme: the reader, what their rows mean here, and the run that stores them."""
