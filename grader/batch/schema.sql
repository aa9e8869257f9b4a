-- The state of a batch. One writer; `grader results` and other SQL clients may read at any time.

CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- The graded files, compressed, by the digest of their bytes.
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, content BLOB NOT NULL);

-- One row per student: the file that counts. `work` is the key of its result, `reason` says why there is none.
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

-- Results by a digest of everything they depend on: the file, the exercise, the student's numbers, the secret, the
-- grader. Old rows are kept. `status` is graded, ungradable (nothing could be judged) or fault (a bug of the grader;
-- tried again next time).
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

-- Which result counted for which student, and since when.
CREATE TABLE IF NOT EXISTS history (
    student TEXT NOT NULL,
    work TEXT NOT NULL,
    file TEXT NOT NULL,
    since TEXT NOT NULL,
    UNIQUE (student, work)
);

-- Scores given by hand. Regrading does not change them.
CREATE TABLE IF NOT EXISTS overrides (student TEXT PRIMARY KEY, score REAL, reason TEXT NOT NULL, since TEXT NOT NULL);

-- Verdicts that students dispute: the outcome they were told, and the file, from which it can be judged again.
CREATE TABLE IF NOT EXISTS disputes (
    student TEXT NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    because TEXT NOT NULL,
    file TEXT NOT NULL,
    content BLOB NOT NULL
);

-- Files left out of the download, and why.
CREATE TABLE IF NOT EXISTS ignored (path TEXT NOT NULL, reason TEXT NOT NULL);
