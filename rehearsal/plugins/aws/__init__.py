"""The aws stand-in: the AWS resource types that the program uses, over a local server of the AWS APIs."""
