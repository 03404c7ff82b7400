// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_config_file.h"

#include <gmock/gmock.h>

namespace weft::net {
namespace {

using Model = OvsdbDatabaseConfig::Model;
using testing::HasSubstr;

std::string error(std::string_view text) {
    const auto config = parse_ovsdb_config(text, "c.json");
    return config ? "none" : config.error().message;
}

TEST(OvsdbConfigFile, says_what_there_is_and_how_it_is_served) {
    const auto config = parse_ovsdb_config(
        R"({"remotes": {"punix:db.sock": {}, "db:D,T,c": null,
                        "pssl:6641": {"inactivity-probe": 0, "max-backoff": 2000, "read-only": true, "role": "r", "dscp": 63}},
            "databases": {"a.db": {}, "b.db": null, "c.db": {"service-model": "standalone"}, "etcd://h:1/p": {"service-model": "clustered"},
                          "R": {"service-model": "relay", "source": {"tcp:1.2.3.4:1,ssl:[::1]:2": {"inactivity-probe": 7000, "dscp": 1}}},
                          "d.db": {"service-model": "active-backup", "backup": true, "source": {"unix:x": null}, "exclude-tables": ["T", "S"]},
                          "e.db": {"service-model": "active-backup"}}})",
        "c.json");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->remotes, (std::map<std::string, OvsdbRemoteOptions>{{"punix:db.sock", {}},
                                                                          {"db:D,T,c", {}},
                                                                          {"pssl:6641",
                                                                           {.max_backoff = 2s,
                                                                            .probe_interval = Duration{},
                                                                            .read_only = true,
                                                                            .role = "r",
                                                                            .dscp = 63}}}));
    EXPECT_EQ(config->databases, (std::map<std::string, OvsdbDatabaseConfig>{
                                     {"a.db", {}},
                                     {"b.db", {}},
                                     {"c.db", {.model = Model::standalone}},
                                     {"etcd://h:1/p", {.model = Model::clustered}},
                                     {"R",
                                      {.model = Model::relay,
                                       .source = OvsdbSourceConfig{.remotes = "tcp:1.2.3.4:1,ssl:[::1]:2",
                                                                   .probe_interval = 7s,
                                                                   .dscp = 1}}},
                                     {"d.db",
                                      {.model = Model::active_backup,
                                       .source = OvsdbSourceConfig{.remotes = "unix:x"},
                                       .is_backup = true,
                                       .excluded = {"S", "T"}}},
                                     {"e.db", {.model = Model::active_backup}}}));
    EXPECT_EQ(*parse_ovsdb_config("{}", "c.json"), OvsdbConfig{});
}

TEST(OvsdbConfigFile, errors_name_the_file_the_place_and_what_would_be_right) {
    const std::pair<const char*, const char*> cases[] = {
        {"{", "c.json: line 0, column 1, byte 1: unexpected end of input"},
        {"[]", "c.json: expected an object with \"remotes\" and \"databases\""},
        {R"({"remote": {}})", R"(c.json: unknown key "remote" (known are databases, remotes))"},
        {R"({"remotes": []})", R"(c.json: "remotes": expected an object, not [])"},
        {R"({"remotes": {"nowhere": {}}})", R"(c.json: "remotes": "nowhere": "nowhere" is not a connection)"},
        {R"({"remotes": {"punix:x": true}})",
         R"(c.json: "remotes": "punix:x": expected an object, not true)"},
        {R"({"remotes": {"punix:x": {"probe": 1}}})",
         R"(c.json: "remotes": "punix:x": unknown key "probe" (known are dscp, inactivity-probe, max-backoff, read-only, role))"},
        {R"({"remotes": {"punix:x": {"inactivity-probe": "5"}}})",
         R"(c.json: "remotes": "punix:x": "inactivity-probe": expected an integer from 0 to 3600000, not "5")"},
        {R"({"remotes": {"punix:x": {"max-backoff": 10}}})",
         "expected an integer from 1000 to 3600000, not 10"},
        {R"({"remotes": {"punix:x": {"dscp": 64}}})", "expected an integer from 0 to 63, not 64"},
        {R"({"remotes": {"punix:x": {"read-only": 1}}})", "\"read-only\": expected true or false, not 1"},
        {R"({"remotes": {"punix:x": {"role": null}}})", "\"role\": expected a string, not null"},
        {R"({"remotes": {"db:D,T,c": {"role": "r"}}})", "takes no keys"},
        {R"({"databases": {"a.db": {"service-model": "raft"}}})",
         R"(c.json: "databases": "a.db": unknown service-model "raft" (known are standalone, clustered, relay, active-backup))"},
        {R"({"databases": {"a.db": {"service-model": "clustered"}}})", "etcd://HOST:PORT"},
        {R"({"databases": {"etcd://h:1/p": {"service-model": "standalone"}}})", "clustered"},
        {R"({"databases": {"a.db": {"source": {"tcp:1.2.3.4:1": {}}}}})",
         "unknown key \"source\" (known are service-model)"},
        {R"({"databases": {"R": {"service-model": "relay"}}})", "\"source\" lacks"},
        {R"({"databases": {"R": {"service-model": "relay", "backup": true}}})", "unknown key \"backup\""},
        {R"({"databases": {"R": {"service-model": "relay", "source": {}}}})", "expected one member"},
        {R"({"databases": {"R": {"service-model": "relay", "source": {"tcp:1.2.3.4:1,x": {}}}}})",
         "\"x\" is not a connection"},
        {R"({"databases": {"a.db": {"service-model": "active-backup", "backup": true}}})",
         "\"source\" lacks"},
        {R"({"databases": {"a.db": {"service-model": "active-backup", "exclude-tables": ["T", 1]}}})",
         R"("exclude-tables": expected an array of strings, not ["T",1])"},
        {R"({"databases": {"a.db": {"service-model": "active-backup", "exclude-tables": "T"}}})",
         "expected an array of strings"},
    };
    for (const auto& [text, expected] : cases) EXPECT_THAT(error(text), HasSubstr(expected)) << text;
}

}  // namespace
}  // namespace weft::net
