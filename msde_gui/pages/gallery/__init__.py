"""The dock *Gallery*: the faces that the selection and the filters leave."""
