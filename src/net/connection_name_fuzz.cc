// SPDX-License-Identifier: Apache-2.0
// Any text as the name of a connection: refused, or all that its kind needs is there.
#include "net/connection_name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto name = ConnectionName::parse(text, ovsdb_port);
    if (!name) {
        CHECK(name.error().code != 0 && !name.error().message.empty());
        return 0;
    }
    CHECK(name->text == text);
    if (name->kind == ConnectionName::Kind::unix_socket) {
        CHECK(!name->path.empty() && text.ends_with(name->path));
    } else {
        CHECK(name->passive || (!name->host.empty() && name->port != 0));
        CHECK(name->host.find_first_of("[]") == std::string::npos);
    }
    return 0;
}
