// SPDX-License-Identifier: Apache-2.0
// Any text is parsed or refused; what was parsed prints as text that parses to the same print.
#include "action/dp_action_text.h"
#include "action/text.h"

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto actions = action::parse_actions(text)) {
        const std::string printed = action::to_text(*actions);
        const auto back = action::parse_actions(printed);
        CHECK(back.has_value());
        CHECK(action::to_text(*back) == printed);
    }
    if (const auto actions = action::dp::parse_actions(text)) {
        const std::string printed = action::dp::to_text(*actions);
        const auto back = action::dp::parse_actions(printed);
        CHECK(back.has_value());
        CHECK(action::dp::to_text(*back) == printed);
    }
    return 0;
}
