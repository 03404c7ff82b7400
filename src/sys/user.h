// SPDX-License-Identifier: Apache-2.0
// Running as another user, with a few of root's capabilities kept.
#pragma once

#include <string>

#include "base/result.h"

namespace weft::sys {

struct User {
    unsigned uid = 0, gid = 0;
    std::string name;  ///< empty: the current one
};

/// "user", "user:group", ":group" or "user:" (the user's own group).
Result<User> find_user(const std::string& text);

enum class Privilege : uint8_t {
    service,   ///< may lock memory and bind low ports
    datapath,  ///< may configure network devices and open raw sockets, too
};
/// For the whole process; root only, before there are threads.
Result<> become_user(const User& user, Privilege keep);
Result<> give_file(const std::string& path, const User& user);

}  // namespace weft::sys
