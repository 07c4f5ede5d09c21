"""What stewards do: decide on records, release and block identifiers, close and open storms."""
