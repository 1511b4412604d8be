-- The rows of the task service. All of them follow from the event log and can
-- be built anew from it. w is the workspace's number, that of its stream in
-- the log; ids are 16 bytes; card, detail and json are JSON as it is sent.

CREATE TABLE tasks (
  n        INTEGER PRIMARY KEY,
  w        INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  project  BLOB    NOT NULL,
  state    INTEGER NOT NULL, -- 0 live, 1 archived, 2 trashed
  col      BLOB    NOT NULL,
  position TEXT    NOT NULL,
  seq      INTEGER NOT NULL,
  card     BLOB    NOT NULL,
  detail   BLOB              -- empty where the task has none, NULL where it stands in task_details
) STRICT;

CREATE UNIQUE INDEX tasks_id ON tasks (id);
CREATE INDEX tasks_board ON tasks (w, project, state, col, position, id); -- pages of a board
CREATE INDEX tasks_seq ON tasks (w, seq);                                 -- what changed since
CREATE INDEX tasks_project ON tasks (w, project, id);                     -- a project as a whole
CREATE INDEX tasks_shelf ON tasks (w, state, seq, id) WHERE state <> 0;   -- archive and trash

-- Details that are long, so that a change of the card does not write them again.
CREATE TABLE task_details (
  n      INTEGER PRIMARY KEY,
  detail BLOB NOT NULL
) STRICT;

CREATE TABLE comments (
  n       INTEGER PRIMARY KEY,
  w       INTEGER NOT NULL,
  id      BLOB    NOT NULL,
  task    BLOB    NOT NULL,
  project BLOB    NOT NULL,
  at      INTEGER NOT NULL, -- when it was written, Unix milliseconds
  seq     INTEGER NOT NULL,
  json    BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX comments_id ON comments (id);
CREATE INDEX comments_task ON comments (w, task, at, id);
CREATE INDEX comments_seq ON comments (w, seq);

-- The frame: workspace, members, projects and labels.
CREATE TABLE docs (
  w    INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  id   BLOB    NOT NULL,
  seq  INTEGER NOT NULL,
  json BLOB    NOT NULL,
  PRIMARY KEY (w, kind, id)
) STRICT;

CREATE INDEX docs_seq ON docs (w, seq);

CREATE TABLE invitations (
  w          INTEGER NOT NULL,
  id         BLOB    NOT NULL,
  token_hash TEXT    NOT NULL,
  json       BLOB    NOT NULL,
  PRIMARY KEY (w, id)
) STRICT;

CREATE INDEX invitations_token ON invitations (token_hash);

-- What is gone. moved is set where a task left a project and is elsewhere now.
CREATE TABLE tombstones (
  n     INTEGER PRIMARY KEY,
  w     INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  kind  INTEGER NOT NULL,
  id    BLOB    NOT NULL,
  scope BLOB,
  moved INTEGER NOT NULL
) STRICT;

CREATE INDEX tombstones_seq ON tombstones (w, seq);

CREATE TABLE project_heads (
  w       INTEGER NOT NULL,
  project BLOB    NOT NULL,
  seq     INTEGER NOT NULL, -- the newest change of anything in it, also of what left it
  number  INTEGER NOT NULL, -- the last number that a task of it was given
  PRIMARY KEY (w, project)
) STRICT, WITHOUT ROWID;

CREATE TABLE column_counts (
  w       INTEGER NOT NULL,
  project BLOB    NOT NULL,
  col     BLOB    NOT NULL,
  live    INTEGER NOT NULL,
  PRIMARY KEY (w, project, col)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_workspaces (
  user   BLOB    NOT NULL,
  w      INTEGER NOT NULL,
  joined INTEGER NOT NULL, -- Unix milliseconds
  PRIMARY KEY (user, w)
) STRICT, WITHOUT ROWID;

-- The words of each task (rowid = tasks.n), each with its workspace's number
-- before it, so that a query reads the postings of its own workspace only.
CREATE VIRTUAL TABLE search USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');

-- Merge many pieces of the index at a time: each word is copied half as often as by default.
INSERT INTO search (search, rank) VALUES ('automerge', 16);
INSERT INTO search (search, rank) VALUES ('crisismerge', 32);

-- What the index holds, word by word, for comparing it with the texts.
CREATE VIRTUAL TABLE search_words USING fts5vocab(search, instance);

-- Workspaces of which tasks changed after that seq may not be in the index yet.
CREATE TABLE search_lag (
  w   INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT;

-- Streams whose rows are being built anew, with how far that has got.
CREATE TABLE rebuilds (
  stream BLOB    PRIMARY KEY,
  seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- By which projection the rows were made; another one builds them anew.
CREATE TABLE projection (version INTEGER NOT NULL) STRICT;
