// SPDX-License-Identifier: Apache-2.0
// Any text as a script: an error, or words that come back when they are written down; and as the list of
// known keys.
#include <algorithm>
#include <cstdint>

#include "cli/db/doubtful_keys.h"
#include "cli/db/script.h"
#include "codec/json_text.h"

using namespace weft;
using namespace weft::cli::db;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto script = parse_script(text)) {
        script->database = "D";
        if (!script->words.empty() && script->words[0].find("ovs-vsctl") == std::string::npos &&
            script->words[0] != "sudo" && script->words[0] != "--") {
            const auto again = parse_commands_text(quoted_words(script->words));
            CHECK(again && *again == script->words);
        }
        if (!script->operations.empty() || codec::parse_json(codec::format_json(script->to_json()))) {
            const auto saved = parse_script(codec::format_json(script->to_json()));
            CHECK(saved && saved->words == script->words && saved->operations == script->operations);
        }
    }
    [[maybe_unused]] const auto keys = ovsdb::parse_known_keys(text);
    return 0;
}
