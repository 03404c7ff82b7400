// SPDX-License-Identifier: Apache-2.0
// What weft/ovsdb_cpp.h reads and writes, on a database of library.ovsschema: argument 1 names the server.
// Says what is wrong.
#include <weft/ovsdb_cpp.h>

#include <iostream>

namespace {

using namespace weft::db;
using Strings = std::set<std::string>;
using Marks = std::map<int64_t, std::string>;

constexpr Timeout limit{20'000};

void check(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

template <class F>
std::string error_of(F&& run) {
    try {
        run();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

Row book(Database& db, const char* title) {
    for (View view = db.wait({}, limit);; view = db.wait(view, limit)) {
        const auto found = view.find("Book", "title", title);
        if (found.size() == 1) return found[0];
    }
}

void write(Database& db) {
    db.transact(
        [](Transaction& txn) {
            const Uuid sea = txn.insert("Book");
            txn.set("Book", sea, "title", "Sea");
            txn.set("Book", sea, "pages", 7);
            txn.set("Book", sea, "kind", std::string_view("song"));
            txn.set("Book", sea, "lent", true);
            txn.set("Book", sea, "price", std::optional<double>(2.5));
            txn.set("Book", sea, "tags", Strings{"a", "b"});
            txn.set("Book", sea, "marks", Marks{{1, "one"}, {2, "two"}});
            txn.set("Book", sea, "scores", std::vector<double>{1.5, 0.5});
            txn.mutate(txn.view().rows("Shelf").at(0), "books", "insert", sea);
            txn.comment("every type");
        },
        limit);
}

void read(const Row& sea) {
    check(sea.table() == "Book" && Uuid::parse(sea.uuid().text()) == sea.uuid(), "uuid");
    check(sea.get<std::string>("title") == "Sea" && sea.get<std::string_view>("kind") == "song", "strings");
    check(sea.get<int64_t>("pages") == 7 && sea.get<bool>("lent"), "scalars");
    check(sea.get<std::optional<double>>("price") == 2.5 && sea.get<double>("price") == 2.5, "an optional");
    check(sea.get<Strings>("tags") == Strings{"a", "b"}, "a set");
    check(sea.get<std::vector<double>>("scores") == std::vector<double>{0.5, 1.5},
          "a set as a vector, sorted");
    check(sea.get<Marks>("marks") == Marks{{1, "one"}, {2, "two"}}, "a map");
    check(contains(error_of([&] { sea.get<int64_t>("title"); }), "Book:title holds values of another type"),
          "a wrong type");
    check(contains(error_of([&] { sea.get<std::string>("tags"); }), "Book:tags is read as one value"),
          "a set as one value");
    check(contains(error_of([&] { sea.get<Strings>("marks"); }), "Book:marks is read as a set"),
          "a map as a set");
    check(contains(error_of([&] { sea.get<Marks>("tags"); }), "Book:tags is read as a map"),
          "a set as a map");
    check(contains(error_of([&] { sea.get<int64_t>("none"); }), "none"), "no such column");
}

void change(Database& db, const View& before) {
    db.transact(
        [](Transaction& txn) {
            const Row sea = txn.view().find("Book", "title", "Sea").at(0);
            txn.set(sea, "price", std::optional<double>());
            txn.set(sea, "tags", Strings());
            txn.mutate(sea, "pages", "+=", 3);
            txn.mutate(sea, "marks", "delete", std::set<int64_t>{1});
        },
        limit);
    View view = db.wait(before, limit);
    while (view.find("Book", "pages", 10).empty()) view = db.wait(view, limit);
    const auto changes = view.changes(before, "Book");
    check(changes.size() == 1 && changes[0].kind == ChangeKind::modified && changes[0].touches("tags") &&
              !changes[0].touches("title"),
          "changes");
    check(changes[0].before.get<Strings>("tags").size() == 2 && changes[0].after.get<Strings>("tags").empty(),
          "before and after");
    check(!changes[0].row().get<std::optional<double>>("price") &&
              changes[0].row().get<Marks>("marks") == Marks{{2, "two"}},
          "what is empty");
    check(view.row("Book", changes[0].row().uuid()).get<int64_t>("pages") == 10, "a row by its uuid");
}

void refuse(Database& db) {
    check(contains(error_of([&] {
                       db.transact(
                           [](Transaction& txn) { txn.set(txn.view().rows("Book").at(0), "pages", "x"); },
                           limit);
                   }),
                   "Book:pages"),
          "a value of a wrong type");
    Transaction txn(db, db.wait({}, limit));
    const Row sea = txn.view().find("Book", "title", "Sea").at(0);
    txn.verify(sea, "pages");
    txn.set(sea, "lent", false);
    db.transact(
        [](Transaction& other) {
            other.mutate(other.view().find("Book", "title", "Sea").at(0), "pages", "+=", 1);
        },
        limit);
    check(txn.commit(limit) == Status::try_again && !txn.error().empty(), "what it verified has changed");
    db.set_lock("l");
    db.set_condition("Book", "[false]");
    for (View view = db.wait({}, limit); !view.has_lock() || !view.rows("Book").empty();)
        view = db.wait(view, limit);
    check(contains(error_of([&] { Database none("nonsense", "Library"); }), "nonsense"),
          "remotes that make no sense");
}

}  // namespace

int main(int, char** argv) {
    try {
        Database db(argv[1], "Library", {{"Book"}, {"Shelf", {"name", "books"}}});
        write(db);
        const Row sea = book(db, "Sea");
        read(sea);
        View before = db.wait({}, limit);
        change(db, before);
        before = {};
        read(sea);  // its version is kept
        refuse(db);
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
