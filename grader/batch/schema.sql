-- Everything a batch knows. One writer; `grader results` and whoever likes SQL may read at any time.

CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- What was handed in and is graded, by the digest of its bytes; compressed.
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, content BLOB NOT NULL);

-- One row per student: what of theirs is graded now. `work` leads to its result, `reason` says why there is none.
CREATE TABLE IF NOT EXISTS submissions (
    student TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT,
    reason TEXT,
    work TEXT,
    again INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    submitted TEXT,
    late INTEGER,
    identities TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS submissions_work ON submissions (work);

-- A result by what it depends on: the file, the exercise, the student's numbers, the secret, the grader. Rows stay when
-- one of these changes. `status` is graded, ungradable (nothing could be judged) or fault (ours; tried again next time).
CREATE TABLE IF NOT EXISTS results (
    work TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    score REAL,
    max_score REAL,
    complete INTEGER,
    first_error TEXT,
    message TEXT,
    seconds REAL,
    graded_at TEXT NOT NULL,
    isolation TEXT,
    result BLOB
);

-- The steps and forward quantities of each result, for questions about the class.
CREATE TABLE IF NOT EXISTS steps (
    work TEXT NOT NULL,
    position INTEGER NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    points REAL NOT NULL,
    max_points REAL NOT NULL,
    misconception TEXT,
    confidence TEXT,
    cell INTEGER,
    line INTEGER,
    code TEXT,
    PRIMARY KEY (work, position)
) WITHOUT ROWID;

-- Which result counted for whom, from when on.
CREATE TABLE IF NOT EXISTS history (
    student TEXT NOT NULL,
    work TEXT NOT NULL,
    file TEXT NOT NULL,
    since TEXT NOT NULL,
    UNIQUE (student, work)
);

-- What an instructor decided by hand. No regrade touches it.
CREATE TABLE IF NOT EXISTS overrides (student TEXT PRIMARY KEY, score REAL, reason TEXT NOT NULL, since TEXT NOT NULL);

-- What was left out of the download, and why.
CREATE TABLE IF NOT EXISTS ignored (path TEXT NOT NULL, reason TEXT NOT NULL);
