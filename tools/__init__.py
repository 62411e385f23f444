"""What `./run` calls for developers: testing, checking, generating, locking, measuring. Not part of the product."""
