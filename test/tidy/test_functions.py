# SPDX-License-Identifier: Apache-2.0
"""functions.py counts what a reader would count."""
import functions

CODE = """
namespace a { namespace {
constexpr Row rows[] = {
    {"x", f(1)},
    {"y", f(2)},
};
class B : public C<decltype(g())> {
  public:
    B(int x)
        : x_{x}, y_{1} {
        go();
    }
    int x() const { return x_; }
};
template <class T>
Result<int> h(const T& t,
              int x = 3) {
    auto f = [&](int y) {
        for (int i = 0; i < 3; ++i) { y += i; }
        return y;
    };
    return f(x);
}
}}
"""


def test_functions_of_cxx_are_measured_with_their_lambdas():
    found = {name: (first, lines) for name, first, lines in functions._Scan(CODE).run()}
    assert found == {"B": (9, 4), "x": (13, 1), "h": (15, 9)}
