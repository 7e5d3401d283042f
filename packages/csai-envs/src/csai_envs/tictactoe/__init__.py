"""TicTacToe: three in a row, against an opponent."""
