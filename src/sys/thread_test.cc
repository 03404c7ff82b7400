// SPDX-License-Identifier: Apache-2.0
#include "sys/thread.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace weft::sys {
namespace {

/// The core on which a thread of this process, known by its name, ran last (proc(5), field 39 of stat); -1 if
/// there is no such thread.
int core_of(const std::string& thread) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "stat");
        std::stringstream text;
        text << file.rdbuf();
        const std::string stat = text.str();
        if (stat.find("(" + thread + ")") == std::string::npos) continue;
        std::istringstream fields(stat.substr(stat.rfind(')') + 1));
        std::string field;
        for (int number = 3; number <= 39; ++number) fields >> field;
        return std::stoi(field);
    }
    return -1;
}

TEST(CoreTour, comes_by_every_core_while_it_lives) {
    const std::vector<int> usable = usable_cores();
    std::set<int> missing(usable.begin(), usable.end());
    {
        const CoreTour tour;
        constexpr int looks = 100'000;  // some seconds
        for (int i = 0; i < looks && !missing.empty(); ++i) missing.erase(core_of("core-tour"));
    }
    EXPECT_TRUE(missing.empty()) << "never on core " << *missing.begin();
    EXPECT_EQ(core_of("core-tour"), -1);
}

}  // namespace
}  // namespace weft::sys
