// SPDX-License-Identifier: Apache-2.0
// What the C API's opaque types are, and arguments that several of its functions check.
#pragma once

#include <memory>
#include <string_view>

#include "sdk/transaction.h"

struct weft_ovsdb {
    std::shared_ptr<weft::sdk::Replica> replica;
};
struct weft_ovsdb_view {
    weft::sdk::VersionPtr version;
};
struct weft_ovsdb_changes {
    weft::sdk::ChangeList list;
};
struct weft_ovsdb_txn {
    weft::sdk::Transaction transaction;
};
