// SPDX-License-Identifier: Apache-2.0
// Texts of tunnels' options, tracked connections and flow monitors: any text is read or refused; what was
// read arrives as it was sent. Input: a byte that says which, then the text.
#include <algorithm>
#include <string>

#include "openflow/ct_flush_text.h"
#include "openflow/flow_monitor_text.h"
#include "openflow/message.h"
#include "openflow/tlv_table_text.h"

using namespace weft;
using namespace weft::openflow;

namespace {

template <class T>
void expect_same(const T& value) {
    const Dialect dialect{.version = Version::v14};
    const Bytes bytes = encode({.xid = 1, .body = value}, dialect);
    if (read_header(bytes).length != bytes.size()) return;  // too long for a message
    const auto back = decode(bytes, dialect);
    if (!back) return;  // a number is out of a switch's range
    CHECK(std::get<T>(back->body) == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
    if (data[0] % 3 == 0) {
        if (auto maps = parse_tlv_maps(text)) expect_same(TlvTableMod{TlvCommand::add, *maps});
    } else if (data[0] % 3 == 1) {
        const size_t blank = std::min(text.find(' '), text.size());
        const std::string words[] = {text.substr(0, blank), text.substr(std::min(blank + 1, text.size()))};
        if (auto flush = parse_ct_flush(words)) expect_same(*flush);
    } else if (auto monitor = parse_flow_monitor(text)) {
        expect_same(FlowMonitorRequest{{*monitor}});
    }
    return 0;
}
