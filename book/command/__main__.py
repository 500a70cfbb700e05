"""`python -m book.command`: the same as `toetssteen`."""

from book.command import main

main()
