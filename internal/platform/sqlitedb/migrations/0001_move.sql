-- What is known of a move of the data to or from another store (package
-- moving): one row, or none where there never was one. The writer looks at it
-- in each of its transactions.
CREATE TABLE store_move (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  move  BLOB    NOT NULL,
  phase TEXT    NOT NULL,
  peer  TEXT    NOT NULL,
  at    INTEGER NOT NULL -- Unix milliseconds
) STRICT;
