// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/symbols.h"

namespace weft::cli::dbctl {

Uuid Symbols::row_named(std::string_view name, const ovsdb::BaseType& type) {
    auto [it, is_first] = symbols_.try_emplace(std::string(name));
    auto& symbol = it->second;
    if (is_first) symbol.uuid = db_.new_uuid();
    symbol.referenced = true;
    symbol.strongly |= type.is_strong_ref();
    return symbol.uuid;
}

Result<Uuid> Symbols::define_new(std::string_view name) {
    if (!name.starts_with('@')) return fail("row id \"" + std::string(name) + "\" does not begin with \"@\"");
    auto [it, is_first] = symbols_.try_emplace(std::string(name));
    auto& symbol = it->second;
    if (is_first) symbol.uuid = db_.new_uuid();
    if (symbol.defined)
        return fail("row id \"" + std::string(name) + "\" may only be specified on one --id option");
    symbol.defined = symbol.is_new = true;
    return symbol.uuid;
}

Result<> Symbols::define_found(std::string_view name, const Uuid& uuid, std::string_view command) {
    if (!name.starts_with('@')) return fail("row id \"" + std::string(name) + "\" does not begin with \"@\"");
    auto [it, is_first] = symbols_.try_emplace(std::string(name));
    if (!is_first)
        return fail("row id \"" + std::string(name) + "\" specified on \"" + std::string(command) +
                    "\" command was used before it was defined");
    it->second = {.uuid = uuid, .defined = true};
    return {};
}

Result<> Symbols::check(std::vector<std::string>& warnings) const {
    for (const auto& [name, symbol] : symbols_) {
        const std::string quoted = "row id \"" + name + "\"";
        if (!symbol.defined)
            return fail(quoted + " is referenced but never created (e.g. with \"-- --id=" + name +
                        " create ...\")");
        if (!symbol.is_new || symbol.strongly) continue;
        const bool is_kept = [&] {
            for (const auto& table : db_.schema().tables)
                if (db_.view().find(table.index, symbol.uuid)) return db_.schema().is_root(table);
            return true;
        }();
        if (!is_kept)
            warnings.push_back(quoted + " was created but " +
                               (symbol.referenced ? "only a weak reference to it was inserted"
                                                  : "no reference to it was inserted") +
                               ", so it will not actually appear in the database");
    }
    return {};
}

}  // namespace weft::cli::dbctl
