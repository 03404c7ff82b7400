// SPDX-License-Identifier: Apache-2.0
// ovsdb_watch SOCKET WATCHERS METHOD PARAMS [COUNT TABLE]: WATCHERS connections send a monitor request each;
// prints JSON: how many a second were answered. With COUNT a further connection inserts that many rows
// {"name":"row#"} into TABLE of database Bench, eight under way at a time, and the rate is that of rows until
// every watcher has heard of the last.
#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "client.h"
#include "replies.h"

namespace {

using weft::bench::Client;

constexpr std::string_view last_name = "\"the last\"";
constexpr int under_way = 8;

struct Watcher {
    explicit Watcher(const char* socket) : client(socket) {}
    Client client;
    weft::bench::Replies replies;
    std::string tail;  ///< of what came, as the last name may come in two pieces
    bool is_done = false;
};
using Watchers = std::vector<std::unique_ptr<Watcher>>;

/// Reads what any of the first `n` has, until none of them is left.
template <typename Read>
void serve(const Watchers& watchers, size_t n, Read read) {
    std::vector<pollfd> fds;
    for (size_t i = 0; i < n; ++i) fds.push_back({watchers[i]->client.fd(), POLLIN, 0});
    for (size_t left = n; left > 0;) {
        poll(fds.data(), fds.size(), -1);
        for (size_t i = 0; i < n; ++i) {
            if (!fds[i].revents || watchers[i]->is_done) continue;
            read(*watchers[i], watchers[i]->client.read_some());
            if (!watchers[i]->is_done) continue;
            fds[i].fd = -1;
            --left;
        }
    }
}

std::string insert(const std::string& table, int i, int count) {
    const std::string name = i + 1 == count ? std::string(last_name) : "\"row" + std::to_string(i) + "\"";
    return R"({"method":"transact","params":["Bench",{"op":"insert","table":")" + table +
           R"(","row":{"name":)" + name + "}}],\"id\":" + std::to_string(i) + "}";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5 && argc != 7) {
        std::fprintf(stderr, "usage: ovsdb_watch SOCKET WATCHERS METHOD PARAMS [COUNT TABLE]\n");
        return 2;
    }
    const size_t n = static_cast<size_t>(std::atoi(argv[2]));
    Watchers watchers;
    for (size_t i = 0; i < n + 1; ++i) watchers.push_back(std::make_unique<Watcher>(argv[1]));
    double start = weft::bench::now_s();
    for (size_t i = 0; i < n; ++i)
        watchers[i]->client.send(std::string(R"({"method":")") + argv[3] + R"(","params":)" + argv[4] +
                                 R"(,"id":0})");
    size_t bytes = 0;
    serve(watchers, n, [&](Watcher& w, std::string_view got) {
        bytes += got.size();
        w.is_done = w.replies.count(got) > 0;
    });
    if (argc == 5) {
        std::printf("{\"per_second\": %.1f, \"bytes_each\": %zu}\n",
                    static_cast<double>(n) / (weft::bench::now_s() - start), bytes / n);
        return 0;
    }
    const int count = std::atoi(argv[5]);
    int sent = 0, done = 0;
    Watcher& writer = *watchers[n];
    const auto write = [&] {
        std::string batch;
        while (sent < count && sent - done < under_way) batch += insert(argv[6], sent++, count);
        if (!batch.empty()) writer.client.send(batch);
    };
    for (auto& w : watchers) w->is_done = false;
    start = weft::bench::now_s();
    write();
    serve(watchers, n + 1, [&](Watcher& w, std::string_view got) {
        if (&w == &writer) {
            done += w.replies.count(got);
            w.is_done = done == count;
            return write();
        }
        w.tail += got;
        w.is_done = w.tail.find(last_name) != std::string::npos;
        w.tail.erase(0, w.tail.size() - std::min(w.tail.size(), last_name.size()));
    });
    std::printf("{\"per_second\": %.0f}\n", count / (weft::bench::now_s() - start));
    return 0;
}
