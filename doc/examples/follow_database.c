/* SPDX-License-Identifier: Apache-2.0
 *
 * follow_database REMOTES DATABASE TABLE COLUMN: prints what happens to the rows of a table, named by a
 * column of strings, and with
 * --count INTEGER-COLUMN adds one there for each change of another column that it sees. It goes on whatever
 * happens to the server. Ends when its standard input does.
 *
 *     gcc -std=c11 follow_database.c $(pkg-config --cflags --libs weft-ovsdb)
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <weft/ovsdb.h>

static const char* const kinds[] = {"", "inserted", "modified", "deleted"};

static int fail(const char* what) {
    fprintf(stderr, "%s: %s\n", what, weft_ovsdb_error());
    return 1;
}

/* Adds one to the counter of each row, on the newest version, until no other client was quicker. */
static int count(weft_ovsdb* db, const char* table, const char* counter) {
    int status = WEFT_OVSDB_TRY_AGAIN;
    while (status == WEFT_OVSDB_TRY_AGAIN) {
        weft_ovsdb_view* view;
        weft_ovsdb_txn* txn;
        const weft_ovsdb_row* rows;
        size_t n;
        if (weft_ovsdb_wait(db, NULL, 10000, &view) != WEFT_OVSDB_OK) return fail("count");
        status = weft_ovsdb_txn_new(db, view, &txn);
        if (status == WEFT_OVSDB_OK) status = weft_ovsdb_view_rows(view, table, &rows, &n);
        for (size_t i = 0; status == WEFT_OVSDB_OK && i < n; i++) {
            const weft_ovsdb_uuid uuid = weft_ovsdb_row_uuid(rows[i]);
            const weft_ovsdb_atom next =
                weft_ovsdb_of_integer(weft_ovsdb_row_integer(rows[i], counter, 0) + 1);
            status = weft_ovsdb_txn_verify(txn, table, uuid, counter);
            if (status == WEFT_OVSDB_OK)
                status = weft_ovsdb_txn_set(txn, table, uuid, counter, &next, NULL, 1);
        }
        if (status == WEFT_OVSDB_OK) status = weft_ovsdb_txn_commit(txn, 10000);
        weft_ovsdb_txn_free(txn);
        weft_ovsdb_view_free(view);
    }
    return status == WEFT_OVSDB_SUCCESS || status == WEFT_OVSDB_UNCHANGED ? 0 : fail("count");
}

/* Prints what differs between two versions. */
static int show(const weft_ovsdb_view* seen, const weft_ovsdb_view* view, const char* table,
                const char* column) {
    weft_ovsdb_changes* changes;
    if (weft_ovsdb_changes_between(seen, view, table, &changes) != WEFT_OVSDB_OK) return fail(table);
    for (size_t i = 0; i < weft_ovsdb_changes_count(changes); i++) {
        const weft_ovsdb_change change = weft_ovsdb_changes_at(changes, i);
        const weft_ovsdb_row row = change.kind == WEFT_OVSDB_DELETED ? change.before : change.after;
        printf("%s %s\n", kinds[change.kind], weft_ovsdb_row_string(row, column, "?"));
    }
    fflush(stdout);
    weft_ovsdb_changes_free(changes);
    return 0;
}

int main(int argc, char** argv) {
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: %s REMOTES DATABASE TABLE COLUMN [COUNTER]\n", argv[0]);
        return 2;
    }
    const char *table = argv[3], *column = argv[4], *counter = argc == 6 ? argv[5] : NULL;
    weft_ovsdb* db = NULL;
    weft_ovsdb_view *seen = NULL, *view;
    if (weft_ovsdb_new(argv[1], argv[2], &db) != WEFT_OVSDB_OK ||
        weft_ovsdb_follow(db, table, NULL, NULL) != WEFT_OVSDB_OK || weft_ovsdb_start(db) != WEFT_OVSDB_OK) {
        fail(argv[1]);
        weft_ovsdb_free(db);
        return 1;
    }

    int failed = 0;
    for (char byte; !failed;) {
        struct pollfd fds[] = {{.fd = weft_ovsdb_fd(db), .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
        poll(fds, 2, -1);
        while (!failed && weft_ovsdb_wait(db, seen, 0, &view) == WEFT_OVSDB_OK) {
            failed = show(seen, view, table, column);
            weft_ovsdb_view_free(seen);
            seen = view;
        }
        if (fds[1].revents == 0) continue;
        if (read(STDIN_FILENO, &byte, 1) <= 0) break;
        if (byte == '\n' && counter) failed = count(db, table, counter);
    }
    weft_ovsdb_view_free(seen);
    weft_ovsdb_free(db);
    return failed;
}
