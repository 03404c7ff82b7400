// SPDX-License-Identifier: Apache-2.0
#include "sys/disk_file.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace weft::sys {
namespace {

using testing::StartsWith;

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

/// What another process, that was there before, is told when it locks a file after `go` was called.
struct OtherProcess {
    explicit OtherProcess(const std::string& path) {
        CHECK(::pipe(to) == 0 && ::pipe(from) == 0);
        pid = ::fork();
        if (pid != 0) return;
        char byte;
        CHECK(::read(to[0], &byte, 1) == 1);
        const auto lock = LockFile::take(path);
        const std::string said = lock ? "locked" : lock.error().message;
        CHECK(::write(from[1], said.data(), said.size()) > 0);
        ::_exit(lock || lock.error().code == EAGAIN ? 0 : 1);
    }
    std::string go() {
        CHECK(::write(to[1], "x", 1) == 1);
        std::string said(1000, 0);
        said.resize(static_cast<size_t>(std::max<ssize_t>(0, ::read(from[0], said.data(), said.size()))));
        int status = -1;
        EXPECT_EQ(::waitpid(pid, &status, 0), pid);
        EXPECT_EQ(status, 0);
        for (const int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
        return said;
    }
    int to[2], from[2];
    pid_t pid;
};

TEST_F(FileTest, a_lock_keeps_others_out_until_it_is_gone_and_they_are_told_by_whom) {
    OtherProcess second(path("db")), third(path("db"));
    {
        const auto lock = LockFile::take(path("db"));
        ASSERT_TRUE(lock) << lock.error().message;
        const std::string file = path(".db.~lock~") + ": cannot lock file because ";
        EXPECT_THAT(second.go(),
                    StartsWith(file + "it is already locked by pid " + std::to_string(::getpid()) + ":"));
        const auto again = LockFile::take(path("db"));
        EXPECT_EQ(again.error().code, EAGAIN);
        EXPECT_THAT(again.error().message, StartsWith(file + "this process has already locked it"));
        EXPECT_NE(third.go(), "locked") << "having been asked again it still holds the lock";
    }
    OtherProcess fourth(path("db"));
    EXPECT_EQ(fourth.go(), "locked");
    EXPECT_TRUE(LockFile::take(path("db")));
}

}  // namespace
}  // namespace weft::sys
