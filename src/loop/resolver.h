// SPDX-License-Identifier: Apache-2.0
// Names of hosts to addresses, without keeping the loop waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "loop/loop.h"

namespace weft::loop {

/// One question. Resource type; belongs to the loop's thread; destroying it withdraws the question.
class Resolver {
  public:
    /// `answered` gets the first numeric address that the system knows for `host`.
    Resolver(Loop& loop, const std::string& host,
             std::move_only_function<void(Result<std::string>)> answered);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace weft::loop
