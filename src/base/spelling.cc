// SPDX-License-Identifier: Apache-2.0
#include "base/spelling.h"

#include <algorithm>
#include <cctype>

namespace weft {

std::string folded(std::string_view name) {
    std::string out(name);
    for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

namespace {

/// How many characters to insert, remove, replace or swap with their neighbour.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

}  // namespace

std::string hint(std::string_view written, const std::vector<std::string_view>& candidates) {
    const std::string wanted = folded(written);
    size_t best = std::max<size_t>(1, wanted.size() / 3) + 1;  // farther is no help
    std::string_view found;
    for (const auto candidate : candidates) {
        const size_t d = distance(wanted, folded(candidate));
        if (d >= best) continue;
        best = d;
        found = candidate;
    }
    return found.empty() ? "" : "\nDid you mean \"" + std::string(found) + "\"?";
}

}  // namespace weft
