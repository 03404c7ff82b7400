// SPDX-License-Identifier: Apache-2.0
// "@name": rows that one command makes or finds and others refer to.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/dbctl/workspace.h"
#include "ovsdb/value_text.h"

namespace weft::cli::dbctl {

/// Resource type.
class Symbols final : public ovsdb::RowSymbols {
  public:
    explicit Symbols(Workspace& db) : db_(db) {}

    /// A reference, which may come before the name is defined.
    Uuid row_named(std::string_view name, const ovsdb::BaseType& type) override;
    /// The uuid that a new row shall have.
    Result<Uuid> define_new(std::string_view name);
    /// The name of a row that was found.
    Result<> define_found(std::string_view name, const Uuid& uuid, std::string_view command);

    /// What the name stands for must exist at the end. Told in `warnings`: new rows that nothing keeps alive.
    Result<> check(std::vector<std::string>& warnings) const;

  private:
    struct Symbol {
        Uuid uuid;
        bool referenced = false, strongly = false, defined = false, is_new = false;
    };
    Workspace& db_;
    std::map<std::string, Symbol, std::less<>> symbols_;
};

}  // namespace weft::cli::dbctl
