// SPDX-License-Identifier: Apache-2.0
#include "sys/disk_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace weft::sys {
namespace {

class FileTest : public testing::Test {
  protected:
    FileTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "weft-file-XXXXXX").string();
        CHECK(::mkdtemp(pattern.data()));
        dir_ = pattern;
    }
    ~FileTest() override { std::filesystem::remove_all(dir_); }
    std::string path(const char* name) const { return dir_ + "/" + name; }
    std::string dir_;
};

TEST_F(FileTest, appends_cuts_and_reads_back) {
    auto file = AppendFile::open(path("a"), AppendFile::Open::fresh);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->append("hello "));
    ASSERT_TRUE(file->append("world"));
    ASSERT_TRUE(file->truncate(5));
    ASSERT_TRUE(file->append("!"));
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(*read_file(path("a")), "hello!");
    EXPECT_EQ(AppendFile::open(path("a"), AppendFile::Open::fresh).error().code, EEXIST);
    ASSERT_TRUE(rename_file(path("a"), path("b")));
    EXPECT_FALSE(file_exists(path("a")));
    ASSERT_TRUE(AppendFile::open(path("b"), AppendFile::Open::existing)->append("?"));
    EXPECT_EQ(*read_file(path("b")), "hello!?");
    ASSERT_TRUE(delete_file(path("b")));
    EXPECT_EQ(read_file(path("b")).error().code, ENOENT);
}

TEST_F(FileTest, a_lock_keeps_others_out_until_it_is_gone) {
    {
        const auto lock = LockFile::take(path("db"));
        ASSERT_TRUE(lock) << lock.error().message;
        EXPECT_TRUE(file_exists(path(".db.~lock~")));
        EXPECT_EQ(LockFile::take(path("db")).error().code, EAGAIN);
        const pid_t child = ::fork();
        if (child == 0) ::_exit(LockFile::take(path("db")) ? 1 : 0);
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(LockFile::take(path("db")));
}

}  // namespace
}  // namespace weft::sys
