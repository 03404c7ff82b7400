// SPDX-License-Identifier: Apache-2.0
// ovsdb_load SOCKET COUNT DEPTH: inserts COUNT rows into table Queue of Open_vSwitch, a transaction each,
// DEPTH of them under way at a time; prints JSON: transactions per second.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "client.h"

namespace {

std::string insert(int i) {
    const std::string n = std::to_string(i);
    return R"({"method":"transact","params":["Open_vSwitch",{"op":"insert","table":"Queue","row":{"dscp":)" +
           std::to_string(i % 64) + R"(,"external_ids":["map",[["n",")" + n + R"("]]]}}],"id":)" + n + "}";
}

/// Counts top-level JSON values in a stream of replies without parsing them.
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

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: ovsdb_load SOCKET COUNT DEPTH\n");
        return 2;
    }
    const int count = std::atoi(argv[2]), depth = std::atoi(argv[3]);
    weft::bench::Client client(argv[1]);
    Replies replies;
    const double start = weft::bench::now_s();
    int sent = 0, done = 0;
    while (done < count) {
        std::string batch;
        while (sent < count && sent - done < depth) batch += insert(sent++);
        if (!batch.empty()) client.send(batch);
        const std::string_view got = client.read_some();
        if (got.find("\"error\":\"") != std::string_view::npos) {
            std::fprintf(stderr, "ovsdb_load: %.*s\n", static_cast<int>(got.size()), got.data());
            return 1;
        }
        done += replies.count(got);
    }
    std::printf("{\"per_second\": %.0f}\n", count / (weft::bench::now_s() - start));
    return 0;
}
