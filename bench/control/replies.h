// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace weft::bench {

/// Counts top-level JSON values in a stream of messages without parsing them.
class Replies {
  public:
    int count(std::string_view bytes) {
        int done = 0;
        for (const char c : bytes) {
            if (in_string_) {
                if (escaped_)
                    escaped_ = false;
                else if (c == '\\')
                    escaped_ = true;
                else if (c == '"')
                    in_string_ = false;
            } else if (c == '"')
                in_string_ = true;
            else if (c == '{' || c == '[')
                ++depth_;
            else if ((c == '}' || c == ']') && --depth_ == 0)
                ++done;
        }
        return done;
    }

  private:
    int depth_ = 0;
    bool in_string_ = false, escaped_ = false;
};

}  // namespace weft::bench
