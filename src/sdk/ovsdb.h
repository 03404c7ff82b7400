/* SPDX-License-Identifier: Apache-2.0
 *
 * weft/ovsdb.h: follow a database of an OVSDB server, and write to it. Link with -lweft-ovsdb (pkg-config
 * weft-ovsdb).
 *
 *     weft_ovsdb_new("unix:/run/openvswitch/db.sock,tcp:10.0.0.2", "Open_vSwitch", &db);
 *     weft_ovsdb_follow(db, "Bridge", columns, NULL);
 *     weft_ovsdb_start(db);
 *     while (weft_ovsdb_wait(db, seen, -1, &view) == WEFT_OVSDB_OK) {
 *         weft_ovsdb_changes_between(seen, view, NULL, &changes); ...
 *         weft_ovsdb_view_free(seen); seen = view;
 *     }
 *
 * A weft_ovsdb is a replica of what the program wants of a database. A thread of its own keeps it up to date:
 * it connects, reconnects to this server or the next one, and asks for what it missed; the replica keeps what
 * it has meanwhile. A weft_ovsdb_view is one version of the replica and never changes: rows, values and
 * strings that come from it are good until it is freed. A program that keeps the view it has dealt with
 * learns of every change that is still there, however often the connection broke in between; what came and
 * went in between it does not see.
 *
 * Threads: functions on one weft_ovsdb, and on one weft_ovsdb_view or weft_ovsdb_changes, may be called from
 * any number of threads at once; a weft_ovsdb_txn belongs to one thread at a time. What is freed must not be
 * in use by another thread. Nothing calls back into the program. The library's thread takes no signals; it
 * ends with weft_ovsdb_free(), which belongs before exit(). After fork() the child must leave the library's
 * objects alone, their freeing included; it may make its own.
 *
 * Errors: a function that returns int returns WEFT_OVSDB_OK or a negative weft_ovsdb_code; weft_ovsdb_error()
 * has the text, which names what was wrong. Bad arguments are errors, not crashes: NULL where a pointer is
 * needed, tables and columns that are not there, values of a wrong type. Freeing NULL does nothing.
 *
 * Strings are UTF-8; in arguments they end with a NUL byte where no length is told, and those the library
 * gives always do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_ovsdb weft_ovsdb;                 /* a replica of a database */
typedef struct weft_ovsdb_view weft_ovsdb_view;       /* one version of it */
typedef struct weft_ovsdb_changes weft_ovsdb_changes; /* what differs between two versions */
typedef struct weft_ovsdb_txn weft_ovsdb_txn;         /* a transaction */

enum weft_ovsdb_code {
    WEFT_OVSDB_OK = 0,
    WEFT_OVSDB_BAD_ARGUMENT = -1, /* NULL, a text that makes no sense, an object in the wrong state */
    WEFT_OVSDB_NOT_FOUND = -2,    /* no such table, column or row, or it is not followed */
    WEFT_OVSDB_BAD_VALUE = -3,    /* of a type or size that the column cannot hold */
    WEFT_OVSDB_TIMED_OUT = -4,    /* what was waited for did not come in time */
    WEFT_OVSDB_INTERNAL = -5      /* out of memory, say */
};

/* Why the calling thread's last call that failed did so. Good until its next call of the library; never NULL.
 */
const char* weft_ovsdb_error(void);

/* ---- Values ---- */

enum weft_ovsdb_type {
    WEFT_OVSDB_NONE = 0,
    WEFT_OVSDB_INTEGER,
    WEFT_OVSDB_REAL,
    WEFT_OVSDB_BOOLEAN,
    WEFT_OVSDB_STRING,
    WEFT_OVSDB_UUID
};

typedef struct weft_ovsdb_uuid {
    uint8_t bytes[16];
} weft_ovsdb_uuid;

/* One value: the member that belongs to `type`. */
typedef struct weft_ovsdb_atom {
    int32_t type;  /* enum weft_ovsdb_type */
    size_t length; /* of a string, in bytes */
    union {
        int64_t integer;
        double real;
        bool boolean;
        const char* string;
        weft_ovsdb_uuid uuid;
    };
} weft_ovsdb_atom;

static inline weft_ovsdb_atom weft_ovsdb_of_integer(int64_t value) {
    weft_ovsdb_atom atom;
    memset(&atom, 0, sizeof atom);
    atom.type = WEFT_OVSDB_INTEGER;
    atom.integer = value;
    return atom;
}
static inline weft_ovsdb_atom weft_ovsdb_of_real(double value) {
    weft_ovsdb_atom atom;
    memset(&atom, 0, sizeof atom);
    atom.type = WEFT_OVSDB_REAL;
    atom.real = value;
    return atom;
}
static inline weft_ovsdb_atom weft_ovsdb_of_boolean(bool value) {
    weft_ovsdb_atom atom;
    memset(&atom, 0, sizeof atom);
    atom.type = WEFT_OVSDB_BOOLEAN;
    atom.boolean = value;
    return atom;
}
/* The string must live until the call that the atom is for returns. */
static inline weft_ovsdb_atom weft_ovsdb_of_string(const char* value) {
    weft_ovsdb_atom atom;
    memset(&atom, 0, sizeof atom);
    atom.type = WEFT_OVSDB_STRING;
    atom.length = value ? strlen(value) : 0;
    atom.string = value;
    return atom;
}
static inline weft_ovsdb_atom weft_ovsdb_of_uuid(weft_ovsdb_uuid value) {
    weft_ovsdb_atom atom;
    memset(&atom, 0, sizeof atom);
    atom.type = WEFT_OVSDB_UUID;
    atom.uuid = value;
    return atom;
}

int weft_ovsdb_uuid_parse(const char* text, weft_ovsdb_uuid* uuid);
void weft_ovsdb_uuid_format(weft_ovsdb_uuid uuid, char text[37]);
static inline bool weft_ovsdb_uuid_equal(weft_ovsdb_uuid a, weft_ovsdb_uuid b) {
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* What a column holds: `size` elements, sorted, each a key, in a map with a value. A scalar is a set of one.
 */
typedef struct weft_ovsdb_value {
    size_t size;
    int32_t key_type;   /* enum weft_ovsdb_type */
    int32_t value_type; /* of a map's values; WEFT_OVSDB_NONE: it is a set */
    const void* held;
} weft_ovsdb_value;

/* Element i, or the value of pair i of a map. WEFT_OVSDB_NONE where there is none. */
weft_ovsdb_atom weft_ovsdb_key(weft_ovsdb_value value, size_t i);
weft_ovsdb_atom weft_ovsdb_mapped(weft_ovsdb_value value, size_t i);
/* What a map has for the key; in a set, the element itself. WEFT_OVSDB_NONE where there is none. */
weft_ovsdb_atom weft_ovsdb_element(weft_ovsdb_value value, weft_ovsdb_atom key);
bool weft_ovsdb_value_equal(weft_ovsdb_value a, weft_ovsdb_value b);

/* ---- The replica ---- */

/* `remotes`: "unix:FILE", "tcp:HOST[:PORT]" or "ssl:HOST[:PORT]", several separated by commas: they are tried
 * in turn. Free it with weft_ovsdb_free(), whether it was started or not. */
int weft_ovsdb_new(const char* remotes, const char* database, weft_ovsdb** db);
void weft_ovsdb_free(weft_ovsdb* db);

/* Before weft_ovsdb_start(): what to follow. Without any of these: all tables.
 * `columns`: names, then NULL; NULL itself: all columns of the table.
 * `where`: conditions as JSON (RFC 7047 5.1), [["name","==","br0"], ...], rows that match any of them; NULL:
 * all rows. A server whose schema lacks a table or column serves the rest, so that a program runs with older
 * servers, too. */
int weft_ovsdb_follow(weft_ovsdb* db, const char* table, const char* const* columns, const char* where);
/* Before weft_ovsdb_start(): for ssl:, files in PEM; `ca_cert` "none": the server is not checked. */
int weft_ovsdb_set_tls(weft_ovsdb* db, const char* private_key, const char* certificate, const char* ca_cert);
/* Before weft_ovsdb_start(): in a cluster, only the leader will do (as a rule it will) or any member. */
int weft_ovsdb_set_leader_only(weft_ovsdb* db, bool leader_only);
/* Before weft_ovsdb_start(): how long a tcp: or ssl: server may be silent before it is asked whether it
 * lives, and as long again until it is given up (5000 as a rule; 0: never). */
int weft_ovsdb_set_probe_interval(weft_ovsdb* db, unsigned milliseconds);

/* Connects, from now on. */
int weft_ovsdb_start(weft_ovsdb* db);

/* Waits until there is a version other than `seen` (NULL: until there is any), and gives it. A version is new
 * when rows, the connection or the lock changed. `timeout_ms` 0: does not wait; negative: as long as it
 * takes. The text of WEFT_OVSDB_TIMED_OUT tells what is wrong with the connection, if something is. */
int weft_ovsdb_wait(weft_ovsdb* db, const weft_ovsdb_view* seen, int timeout_ms, weft_ovsdb_view** view);

/* A descriptor for poll(): readable when there may be a newer version, or a commit may have ended, since the
 * last weft_ovsdb_wait() or weft_ovsdb_txn_commit(). The library's own: do not read or close it. -1: not
 * started. */
int weft_ovsdb_fd(const weft_ovsdb* db);

/* Other rows of a followed table from now on; NULL: all, "[false]": none. Versions are not current until the
 * server has sent what the new condition is about. */
int weft_ovsdb_set_condition(weft_ovsdb* db, const char* table, const char* where);
/* The lock (RFC 7047 4.1.8) to ask for whenever there is a connection; before or after weft_ovsdb_start().
 * NULL: none. While there is one, transactions are carried out only if it is held. */
int weft_ovsdb_set_lock(weft_ovsdb* db, const char* name);
/* Drops the connection and makes a new one, to the same server or the next. */
int weft_ovsdb_reconnect(weft_ovsdb* db);

/* ---- Versions ---- */

void weft_ovsdb_view_free(weft_ovsdb_view* view);
/* There was a connection, and the rows were the server's, by the conditions in force. Else they are older. */
bool weft_ovsdb_view_is_current(const weft_ovsdb_view* view);
bool weft_ovsdb_view_has_lock(const weft_ovsdb_view* view);
/* Another client holds it. */
bool weft_ovsdb_view_lock_is_contended(const weft_ovsdb_view* view);
/* The database's schema as JSON (RFC 7047 3.2). The same pointer, also later, until the schema changes; it is
 * good until the replica and all its views are freed. */
const char* weft_ovsdb_view_schema(const weft_ovsdb_view* view);

/* A row of a view, to be passed by value. All zero: none. */
typedef struct weft_ovsdb_row {
    const void *table, *held;
} weft_ovsdb_row;

/* All rows of a followed table, in the order of their uuids. */
int weft_ovsdb_view_rows(const weft_ovsdb_view* view, const char* table, const weft_ovsdb_row** rows,
                         size_t* count);
/* The rows whose `n` columns have these values, by an index that is made when it is first used, and kept up
 * to date from view to view. WEFT_OVSDB_NONE stands for an empty column. */
int weft_ovsdb_view_find(const weft_ovsdb_view* view, const char* table, const char* const* columns,
                         const weft_ovsdb_atom* values, size_t n, const weft_ovsdb_row** rows, size_t* count);
/* The row of a uuid. */
int weft_ovsdb_view_row(const weft_ovsdb_view* view, const char* table, weft_ovsdb_uuid uuid,
                        weft_ovsdb_row* row);

weft_ovsdb_uuid weft_ovsdb_row_uuid(weft_ovsdb_row row);
const char* weft_ovsdb_row_table(weft_ovsdb_row row);
int weft_ovsdb_row_get(weft_ovsdb_row row, const char* column, weft_ovsdb_value* value);

/* Shorter, for scalars and optional scalars: `otherwise` where the column is empty, of another type, or not
 * there. */
int64_t weft_ovsdb_row_integer(weft_ovsdb_row row, const char* column, int64_t otherwise);
double weft_ovsdb_row_real(weft_ovsdb_row row, const char* column, double otherwise);
bool weft_ovsdb_row_boolean(weft_ovsdb_row row, const char* column, bool otherwise);
const char* weft_ovsdb_row_string(weft_ovsdb_row row, const char* column, const char* otherwise);
/* Of a map from strings to strings, such as external_ids. */
const char* weft_ovsdb_row_string_at(weft_ovsdb_row row, const char* column, const char* key,
                                     const char* otherwise);

/* ---- What changed ---- */

enum weft_ovsdb_change_kind { WEFT_OVSDB_INSERTED = 1, WEFT_OVSDB_MODIFIED, WEFT_OVSDB_DELETED };

typedef struct weft_ovsdb_change {
    int32_t kind;                 /* enum weft_ovsdb_change_kind */
    weft_ovsdb_row before, after; /* none before it is inserted, none after it is deleted */
} weft_ovsdb_change;

/* The rows that differ between two versions of one replica, in proportion to the difference. `before` NULL:
 * all are inserted; so they are after the database was converted to another schema. `table` NULL: of all
 * tables. The rows are good until `changes` is freed. */
int weft_ovsdb_changes_between(const weft_ovsdb_view* before, const weft_ovsdb_view* after, const char* table,
                               weft_ovsdb_changes** changes);
void weft_ovsdb_changes_free(weft_ovsdb_changes* changes);
size_t weft_ovsdb_changes_count(const weft_ovsdb_changes* changes);
/* Sorted by table and uuid. Of kind 0 if there are no more than i. */
weft_ovsdb_change weft_ovsdb_changes_at(const weft_ovsdb_changes* changes, size_t i);
/* The column differs; of an inserted or deleted row any does that is not at its default. */
bool weft_ovsdb_change_touches(const weft_ovsdb_change* change, const char* column);

/* ---- Transactions ---- */

enum weft_ovsdb_status {
    WEFT_OVSDB_UNCHANGED = 1, /* the database is so already; nothing was sent */
    WEFT_OVSDB_SUCCESS,       /* done; the next view has it */
    WEFT_OVSDB_INCOMPLETE,    /* not known yet: commit again to go on waiting, or free it */
    WEFT_OVSDB_TRY_AGAIN, /* not done, for what it verified has changed: build it anew from the newest view */
    WEFT_OVSDB_NOT_LOCKED, /* not done, for the lock is not held */
    WEFT_OVSDB_UNCERTAIN,  /* the connection was lost before the answer came: the next current view shows
                              whether it was done */
    WEFT_OVSDB_REFUSED     /* not done: weft_ovsdb_error() has the server's words */
};

/* On the rows of a view. What the view says already is not written again; weft_ovsdb_txn_verify() is how to
 * depend on it. */
int weft_ovsdb_txn_new(weft_ovsdb* db, const weft_ovsdb_view* view, weft_ovsdb_txn** txn);
void weft_ovsdb_txn_free(weft_ovsdb_txn* txn);

/* A new row; `uuid` stands for it in this transaction, as a reference, too. */
int weft_ovsdb_txn_insert(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid* uuid);
/* Makes a column hold `n` keys; `values`: of a map, else NULL. */
int weft_ovsdb_txn_set(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column,
                       const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values, size_t n);
/* Changes a column of a row of the view whatever it holds by then. `mutator`: "insert" and "delete" elements
 * of a set or map (a map's also by keys alone); "+=", "-=", "*=", "/=", "%=" numbers by one. */
int weft_ovsdb_txn_mutate(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column,
                          const char* mutator, const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values,
                          size_t n);
int weft_ovsdb_txn_delete(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row);
/* The transaction is not done (WEFT_OVSDB_TRY_AGAIN) unless the column still holds what it has in the view.
 */
int weft_ovsdb_txn_verify(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column);
/* For the server's log. */
int weft_ovsdb_txn_comment(weft_ovsdb_txn* txn, const char* text);

/* Sends it, once there is a connection, and waits for the outcome: a weft_ovsdb_status, or a negative code.
 * After this the transaction takes no more operations. Freed before it was sent, it is not sent. */
int weft_ovsdb_txn_commit(weft_ovsdb_txn* txn, int timeout_ms);
/* After WEFT_OVSDB_SUCCESS: the uuid of the row that weft_ovsdb_txn_insert() gave `uuid` for. */
int weft_ovsdb_txn_inserted(const weft_ovsdb_txn* txn, weft_ovsdb_uuid uuid, weft_ovsdb_uuid* row);

#ifdef __cplusplus
}
#endif
