// SPDX-License-Identifier: Apache-2.0
// The C API: transactions.
#include "sdk/handles.h"

using namespace weft;
using namespace weft::sdk;

namespace {

template <class F>
int on(weft_ovsdb_txn* txn, F act) {
    return guarded([&]() -> decltype(act(txn->transaction)) {
        TRY(not_null(txn, "txn"));
        return act(txn->transaction);
    });
}

}  // namespace

extern "C" {

int weft_ovsdb_txn_new(weft_ovsdb* db, const weft_ovsdb_view* view, weft_ovsdb_txn** txn) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(txn, "txn"));
        *txn = nullptr;
        TRY(not_null(db, "db"));
        TRY(not_null(view, "view"));
        *txn = new weft_ovsdb_txn{{db->replica, view->version}};
        return {};
    });
}

void weft_ovsdb_txn_free(weft_ovsdb_txn* txn) { delete txn; }

int weft_ovsdb_txn_insert(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid* uuid) {
    return on(txn, [&](Transaction& transaction) -> Checked<> {
        TRY(not_null(uuid, "uuid"));
        *uuid = to_c(TRY(transaction.insert(table)));
        return {};
    });
}

int weft_ovsdb_txn_set(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column,
                       const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values, size_t n) {
    return on(txn, [&](Transaction& transaction) -> Checked<> {
        return transaction.set({table, from_c(row), column}, TRY(Elements::of(keys, values, n)));
    });
}

int weft_ovsdb_txn_mutate(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column,
                          const char* mutator, const weft_ovsdb_atom* keys, const weft_ovsdb_atom* values,
                          size_t n) {
    return on(txn, [&](Transaction& transaction) -> Checked<> {
        return transaction.mutate({table, from_c(row), column}, mutator, TRY(Elements::of(keys, values, n)));
    });
}

int weft_ovsdb_txn_delete(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row) {
    return on(txn, [&](Transaction& transaction) { return transaction.erase(table, from_c(row)); });
}

int weft_ovsdb_txn_verify(weft_ovsdb_txn* txn, const char* table, weft_ovsdb_uuid row, const char* column) {
    return on(txn,
              [&](Transaction& transaction) { return transaction.verify({table, from_c(row), column}); });
}

int weft_ovsdb_txn_comment(weft_ovsdb_txn* txn, const char* text) {
    return on(txn, [&](Transaction& transaction) { return transaction.comment(text); });
}

int weft_ovsdb_txn_commit(weft_ovsdb_txn* txn, int timeout_ms) {
    return on(txn, [&](Transaction& transaction) -> Checked<int> { return transaction.commit(timeout_ms); });
}

int weft_ovsdb_txn_inserted(const weft_ovsdb_txn* txn, weft_ovsdb_uuid uuid, weft_ovsdb_uuid* row) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(txn, "txn"));
        TRY(not_null(row, "row"));
        *row = to_c(TRY(txn->transaction.inserted(from_c(uuid))));
        return {};
    });
}

}  // extern "C"
