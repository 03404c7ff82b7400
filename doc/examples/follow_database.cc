// SPDX-License-Identifier: Apache-2.0
//
// follow_database REMOTES DATABASE TABLE COLUMN [COUNTER]: prints what happens to the rows of a table, named
// by a column of strings. For each line on its standard input it adds one to COUNTER, a column of integers,
// of each row. It goes on whatever happens to the server, and ends when its standard input does.
//
//     g++ -std=c++17 follow_database.cc $(pkg-config --cflags --libs weft-ovsdb)
#include <poll.h>
#include <unistd.h>
#include <weft/ovsdb_cpp.h>

#include <iostream>

namespace {

using namespace weft::db;

// Adds one to the counter of each row: on a newer version, where another client was quicker.
void count(Database& db, const char* table, const char* counter) {
    db.transact([&](Transaction& txn) {
        for (const Row& row : txn.view().rows(table)) {
            txn.verify(row, counter);
            txn.set(row, counter, row.get<int64_t>(counter) + 1);
        }
    });
}

void show(const View& seen, const View& view, const char* table, const char* column) {
    for (const Change& change : view.changes(seen, table)) {
        std::cout << (change.kind == ChangeKind::inserted   ? "inserted "
                      : change.kind == ChangeKind::modified ? "modified "
                                                            : "deleted ")
                  << change.row().get<std::string_view>(column) << std::endl;
    }
}

void follow(const char* remotes, const char* database, const char* table, const char* column,
            const char* counter) {
    Database db(remotes, database, {{table}});
    View seen;
    while (true) {
        pollfd fds[] = {{db.fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0) throw std::runtime_error("poll failed");
        while (const auto view = db.newer(seen)) {
            show(seen, *view, table, column);
            seen = *view;
        }
        if (fds[1].revents == 0) continue;
        char byte = 0;
        if (read(STDIN_FILENO, &byte, 1) <= 0) return;
        if (byte == '\n' && counter) count(db, table, counter);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5 || argc > 6) {
        std::cerr << "usage: " << argv[0] << " REMOTES DATABASE TABLE COLUMN [COUNTER]\n";
        return 2;
    }
    try {
        follow(argv[1], argv[2], argv[3], argv[4], argc == 6 ? argv[5] : nullptr);
    } catch (const std::exception& error) {
        std::cerr << argv[0] << ": " << error.what() << "\n";
        return 1;
    }
    return 0;
}
