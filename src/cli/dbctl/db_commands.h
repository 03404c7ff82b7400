// SPDX-License-Identifier: Apache-2.0
// The commands that any database has: list, find, get, set, add, remove, clear, create, destroy, wait-until,
// comment, show ("Database Commands" of ovs-vsctl(8)).
#pragma once

#include <span>

#include "cli/dbctl/command.h"

namespace weft::cli::dbctl {

inline constexpr std::string_view database_group = "Database commands";

std::span<const Command> database_commands();

// read_commands.cc
Result<> need_list(const Invocation&, Needs&);
Result<> need_find(const Invocation&, Needs&);
Result<> need_get(const Invocation&, Needs&);
Result<> need_wait(const Invocation&, Needs&);
Result<> run_list(Context&);
Result<> run_find(Context&);
Result<> run_get(Context&);
Result<> run_wait(Context&);
// write_commands.cc
Result<> need_set(const Invocation&, Needs&);
Result<> need_column(const Invocation&, Needs&);
Result<> need_clear(const Invocation&, Needs&);
Result<> need_create(const Invocation&, Needs&);
Result<> need_destroy(const Invocation&, Needs&);
Result<> run_set(Context&);
Result<> run_add(Context&);
Result<> run_remove(Context&);
Result<> run_clear(Context&);
Result<> run_create(Context&);
Result<> run_destroy(Context&);

/// The table that the first argument names.
Result<const ovsdb::TableSchema*> table_arg(const Invocation& call, const ovsdb::Schema& schema);
/// The record that the second argument names; false if there is none and --if-exists was given.
Result<RowView> record_arg(Context& context, const ovsdb::TableSchema& table);
/// `show` is the same in all programs but for what it shows.
Result<> run_show(Context&);

}  // namespace weft::cli::dbctl
