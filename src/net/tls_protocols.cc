// SPDX-License-Identifier: Apache-2.0
#include "net/tls_protocols.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace weft::net {
namespace {

constexpr std::array<std::string_view, 4> versions{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

std::optional<size_t> index_of(std::string_view name) {
    const auto it = std::ranges::find(versions, name);
    if (it == versions.end()) return std::nullopt;
    return static_cast<size_t>(it - versions.begin());
}

}  // namespace

Result<TlsProtocols> parse_tls_protocols(std::string_view text) {
    constexpr std::string_view separators = ", \t";
    const auto wrong = [&](std::string_view word) {
        return fail("--ssl-protocols: \"" + std::string(word) +
                    "\" is no version of TLS that is spoken: name TLSv1.2, TLSv1.3 or both");
    };
    std::array<bool, versions.size()> named{};
    size_t words = 0;
    for (std::string_view rest = text;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
        if (rest.empty()) break;
        const auto word = rest.substr(0, rest.find_first_of(separators));
        rest.remove_prefix(word.size());
        ++words;
        const size_t dash = word.find('-');
        const bool open_end = word.ends_with('+');
        const auto first = index_of(open_end ? word.substr(0, word.size() - 1) : word.substr(0, dash));
        const auto last = open_end            ? versions.size() - 1
                          : dash == word.npos ? first
                                              : index_of(word.substr(dash + 1));
        if (!first || !last || *last < *first) return wrong(word);
        std::fill(named.begin() + static_cast<ptrdiff_t>(*first),
                  named.begin() + static_cast<ptrdiff_t>(*last) + 1, true);
    }
    if (words == 0) return TlsProtocols{true, true};
    if (!named[2] && !named[3]) return wrong(text);
    return TlsProtocols{named[2], named[3]};
}

}  // namespace weft::net
