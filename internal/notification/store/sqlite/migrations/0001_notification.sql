-- One row: when the service began, and the secret of the links in mails.
CREATE TABLE notification_settings (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    began  INTEGER NOT NULL, -- Unix ms, as every time here
    secret BLOB NOT NULL
) STRICT;

CREATE TABLE notification_preferences (
    user BLOB PRIMARY KEY,
    seq  INTEGER NOT NULL,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the events say, as JSON. version orders what was made of them.
CREATE TABLE notification_frames (
    workspace BLOB PRIMARY KEY,
    version   INTEGER NOT NULL,
    data      TEXT NOT NULL
) STRICT;

CREATE TABLE notification_tasks (
    workspace BLOB NOT NULL,
    task      BLOB NOT NULL,
    version   INTEGER NOT NULL,
    data      TEXT NOT NULL,
    PRIMARY KEY (workspace, task)
) STRICT, WITHOUT ROWID;

-- Moments at which a task is looked at. taken is until when somebody does.
CREATE TABLE notification_reminders (
    workspace BLOB NOT NULL,
    task      BLOB NOT NULL,
    version   INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    taken     INTEGER NOT NULL,
    PRIMARY KEY (workspace, task, version, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_reminders_due ON notification_reminders (max(at, taken));

CREATE TABLE notification_notices (
    user      BLOB NOT NULL,
    id        BLOB NOT NULL,
    workspace BLOB NOT NULL,
    project   BLOB NOT NULL, -- zeros where there is none
    task      BLOB NOT NULL,
    about     BLOB NOT NULL,
    kind      TEXT NOT NULL,
    actor     BLOB NOT NULL,
    at        INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    hidden    TEXT NOT NULL, -- empty where it is shown
    version   INTEGER NOT NULL,
    PRIMARY KEY (user, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_notices_inbox ON notification_notices (user, at, id) WHERE hidden = '';
CREATE INDEX notification_notices_unread ON notification_notices (user, at, id) WHERE hidden = '' AND read = 0;
CREATE INDEX notification_notices_of ON notification_notices (user, workspace, task);
CREATE INDEX notification_notices_age ON notification_notices (at);

CREATE TABLE notification_outbox (
    user    BLOB NOT NULL,
    id      BLOB NOT NULL,
    notice  BLOB NOT NULL,
    channel TEXT NOT NULL,
    created INTEGER NOT NULL,
    due     INTEGER NOT NULL,
    state   TEXT NOT NULL,
    tries   INTEGER NOT NULL,
    taken   INTEGER NOT NULL, -- until when somebody tries
    reason  TEXT NOT NULL,
    PRIMARY KEY (user, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_outbox_due ON notification_outbox (max(due, taken)) WHERE state = 'pending';
CREATE INDEX notification_outbox_pending ON notification_outbox (created) WHERE state = 'pending';
CREATE INDEX notification_outbox_failed ON notification_outbox (id) WHERE state = 'failed';
CREATE INDEX notification_outbox_done ON notification_outbox (created) WHERE state <> 'pending';
