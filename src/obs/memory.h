// SPDX-License-Identifier: Apache-2.0
// What memory/show tells: how many of what a program holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weft::obs {

/// Sums by name, printed sorted.
using MemoryUsage = std::map<std::string, uint64_t>;

/// Resource type, owned by the application; belongs to one thread.
class MemoryReport {
  public:
    /// `provider` adds to the sums. It is called whenever a report is asked for, until this object ends.
    void add(std::function<void(MemoryUsage&)> provider) { providers_.push_back(std::move(provider)); }

    MemoryUsage usage() const;
    /// "atoms:14 cells:20"; empty if there is nothing to tell.
    std::string show() const;

  private:
    std::vector<std::function<void(MemoryUsage&)>> providers_;
};

}  // namespace weft::obs
