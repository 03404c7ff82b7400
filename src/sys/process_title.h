// SPDX-License-Identifier: Apache-2.0
// What `ps` shows for this process.
#pragma once

#include <cstddef>
#include <string>

namespace weft::sys {

/// Writes into the memory of main()'s arguments, which must not be needed any more. Resource type.
class ProcessTitle {
  public:
    ProcessTitle(int argc, char** argv);
    void set(const std::string& title);
    /// The original arguments, e.g. in a child.
    void restore();

  private:
    char* area_ = nullptr;
    std::string original_;
};

}  // namespace weft::sys
