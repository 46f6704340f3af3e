"""The tables of `service.db`; how each version of them came from the one before.

A job lies whole in `jobs.body`; the other columns repeat what is searched for, and only
`jobs.save` writes them. Never change a migration that was released: add one.
"""

MIGRATIONS = (
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        client TEXT NOT NULL,
        status TEXT NOT NULL,
        priority INTEGER NOT NULL,
        queued REAL NOT NULL,
        urgency REAL NOT NULL,
        sweep REAL NOT NULL,
        lease REAL,
        worker TEXT NOT NULL,
        webhook_due REAL,
        idempotency TEXT,
        body BLOB NOT NULL
    );
    CREATE UNIQUE INDEX jobs_sent ON jobs (client, idempotency) WHERE idempotency IS NOT NULL;
    CREATE INDEX jobs_of_client ON jobs (client, id, status);
    CREATE INDEX jobs_by_status ON jobs (status, id);
    CREATE INDEX jobs_waiting ON jobs (client, urgency, id, queued, priority)
        WHERE status = 'queued';
    CREATE INDEX jobs_running ON jobs (client, worker, lease) WHERE status = 'running';
    CREATE INDEX jobs_aging ON jobs (sweep) WHERE status <> 'running';
    CREATE INDEX jobs_telling ON jobs (webhook_due) WHERE webhook_due IS NOT NULL;

    CREATE TABLE scenes (
        job TEXT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
        body BLOB NOT NULL
    );

    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
        at REAL NOT NULL,
        told BLOB NOT NULL
    );
    CREATE INDEX events_of_job ON events (job, id);

    CREATE TABLE clock (at REAL NOT NULL);
    INSERT INTO clock VALUES (0);
    CREATE TABLE clients (
        client TEXT PRIMARY KEY,
        behind REAL NOT NULL
    );

    CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        body BLOB NOT NULL
    );
    CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        secret BLOB NOT NULL
    )
    """,
    # A scene's one segment became its first of several.
    """
    UPDATE scenes SET body = CAST((
        SELECT json_group_array(json_remove(json_set(
            value, '$.segments',
            CASE WHEN json_extract(value, '$.segment') IS NULL THEN json('[]')
            ELSE json_array(json_object(
                'number', key + 1,
                'digest', json_extract(value, '$.segment'),
                'seconds', json_extract(value, '$.seconds')
            )) END
        ), '$.segment'))
        FROM json_each(CAST(scenes.body AS TEXT))
    ) AS BLOB);
    UPDATE events SET told = CAST(json_remove(json_set(
        CAST(told AS TEXT), '$.segment', json_object(
            'number', json_extract(CAST(told AS TEXT), '$.scene') + 1,
            'digest', json_extract(CAST(told AS TEXT), '$.digest'),
            'seconds', json_extract(CAST(told AS TEXT), '$.seconds')
        )
    ), '$.digest', '$.seconds') AS BLOB)
    WHERE json_extract(CAST(told AS TEXT), '$.type') = 'segment'
    """,
    # How long jobs wait of late counts in what a client is charged.
    """
    ALTER TABLE clock ADD COLUMN wait REAL NOT NULL DEFAULT 0
    """,
)
