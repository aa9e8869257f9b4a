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

-- Points of single steps given by hand, in force now. They replace the points of the step, whatever its result.
CREATE TABLE IF NOT EXISTS step_overrides (
    student TEXT NOT NULL, step TEXT NOT NULL, points REAL NOT NULL, comment TEXT NOT NULL, PRIMARY KEY (student, step)
);

-- Everything ever given by hand, and taken back (`taken_back`): who, when, why, and for which file. `step` is '' for a
-- whole score.
CREATE TABLE IF NOT EXISTS override_history (
    number INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    step TEXT NOT NULL,
    score REAL,
    taken_back INTEGER NOT NULL,
    comment TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    digest TEXT
);
CREATE INDEX IF NOT EXISTS override_history_student ON override_history (student);

-- Until when a student may hand in. `student` is the text of the instructor's file if it names nobody here yet.
CREATE TABLE IF NOT EXISTS extensions (student TEXT PRIMARY KEY, until TEXT NOT NULL);

-- Times of submissions from a table of the instructor; they replace those of the download.
CREATE TABLE IF NOT EXISTS times (student TEXT PRIMARY KEY, submitted TEXT NOT NULL);

-- Submissions of students who are not in the latest download, as they were.
CREATE TABLE IF NOT EXISTS set_aside (
    student TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT,
    reason TEXT,
    work TEXT,
    again INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    submitted TEXT,
    late INTEGER,
    identities TEXT NOT NULL
);

-- The scores after each run that changed one.
CREATE TABLE IF NOT EXISTS snapshots (
    run INTEGER NOT NULL,
    at TEXT NOT NULL,
    student TEXT NOT NULL,
    name TEXT NOT NULL,
    raw REAL,
    deducted REAL NOT NULL,
    overridden REAL,
    score REAL,
    digest TEXT,
    PRIMARY KEY (run, student)
) WITHOUT ROWID;

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
