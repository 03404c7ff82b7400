// SPDX-License-Identifier: Apache-2.0
// What a command takes, said once: "!ONE ?OPTIONAL *ANY +AT-LEAST-ONE".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weft::cli {

/// Value type: how many arguments a command takes.
struct Arity {
    size_t min = 0, max = 0;
};
Arity arity(std::string_view arguments);
/// "ONE [OPTIONAL] [ANY]... AT-LEAST-ONE..."
std::string readable_arguments(std::string_view arguments);
/// Whether there are as many as that.
Result<> check_arity(std::string_view command, std::string_view arguments, std::span<const std::string> args);
/// The words of a blank-separated list.
std::vector<std::string_view> words_of(std::string_view list);

}  // namespace weft::cli
