// SPDX-License-Identifier: Apache-2.0
// Any bytes print, and end with a newline; of what decodes, the name is known. JSON of it is built too.
// Input: a verbosity, then the bytes.
#include <algorithm>

#include "openflow/message.h"
#include "openflow/print/json.h"
#include "openflow/print/print.h"

using namespace weft;
using namespace weft::openflow;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const ByteSpan bytes = ByteSpan(data, size).subspan(1).first(std::min(size - 1, max_message));
    const std::string text = print_message(bytes, {.verbosity = data[0] % 6});
    CHECK(!text.empty() && text.back() == '\n');
    if (bytes.size() < header_size) return 0;
    const uint8_t v = read_header(bytes).version;
    if (v < 1 || v > 6) return 0;
    const Dialect dialect{.version = static_cast<Version>(v), .table_id = true};
    JsonList list;
    list.add(bytes, dialect);
    if (decode(bytes, dialect)) CHECK(!message_name(bytes).empty());
    return 0;
}
