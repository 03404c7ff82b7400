// SPDX-License-Identifier: Apache-2.0
// Any text as a configuration file of ovsdb-server: refused by an error that names the file, or all that a
// database's model needs is there.
#include "net/ovsdb_config_file.h"

#include "net/connection_name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto config = parse_ovsdb_config(text, "file");
    if (!config) {
        CHECK(config.error().message.starts_with("file: "));
        return 0;
    }
    CHECK(*parse_ovsdb_config(text, "file") == *config);
    for (const auto& [name, options] : config->remotes)
        CHECK(name.starts_with("db:") || ConnectionName::parse(name, ovsdb_port));
    for (const auto& [name, database] : config->databases) {
        using Model = OvsdbDatabaseConfig::Model;
        CHECK(database.source || (database.model != Model::relay && !database.is_backup));
        CHECK(!database.source || ConnectionName::parse_list(database.source->remotes, ovsdb_port));
        CHECK(database.model == Model::active_backup || (database.excluded.empty() && !database.is_backup));
    }
    return 0;
}
