# The commands for people and for CI. On a fresh Debian 12 machine `make demo` and
# `make test` need nothing but make; they install the rest. All else is CMake's work:
# see CMakePresets.json.

PREFIX ?= /usr/local

.PHONY: help demo test bench study-disaster study-protocols study-aggregation sanitize format \
  lint build packages test-packages install clean

help:
	@echo 'make demo      install what is missing, build, run scenarios/quickstart.yaml'
	@echo 'make test      install what is missing, build, run all tests'
	@echo 'make bench     install what is missing, build, run the benchmarks (10 minutes)'
	@echo 'make study-disaster  repeat the disaster study into results/reference (half an hour)'
	@echo 'make study-protocols repeat the protocol studies into results/reference (an hour)'
	@echo 'make study-aggregation repeat the studies of aggregation rules likewise (20 minutes)'
	@echo 'make sanitize  all tests under AddressSanitizer and UBSan, in build-sanitize/'
	@echo 'make format    clang-format every source'
	@echo 'make lint      clang-tidy every source (slow)'
	@echo 'make packages  only install the Debian packages that building needs and that are missing'
	@echo 'make install   build and install the program below PREFIX ($(PREFIX))'
	@echo 'make clean     remove all build directories'

demo: build/build.ninja
	@cmake --build --preset default --target hearsay
	@build/node/hearsay run scenarios/quickstart.yaml

test: build test-packages
	@ctest --preset default

bench: build
	@for program in build/bench/*_bench; do echo "== $$program"; $$program || exit 1; done
	@echo '== whole processes'
	@bench/whole_process.sh

study-disaster: build/build.ninja
	@cmake/install-packages.sh gnuplot-nox python3
	@cmake --build --preset default --target hearsay
	@bench/studies/disaster.py

study-protocols: build/build.ninja
	@cmake/install-packages.sh gnuplot-nox python3
	@cmake --build --preset default --target hearsay
	@bench/studies/run_studies.py protocols

study-aggregation: build/build.ninja
	@cmake/install-packages.sh gnuplot-nox python3
	@cmake --build --preset default --target hearsay
	@bench/studies/run_studies.py aggregation

sanitize: packages test-packages
	@cmake --preset sanitize
	@cmake --build --preset sanitize
	@ctest --preset sanitize

build: build/build.ninja
	@cmake --build --preset default

# Ninja repeats CMake's part by itself when a CMakeLists.txt changes.
build/build.ninja: packages
	@test -f $@ || cmake --preset default

packages:
	@cmake/install-packages.sh

test-packages:
	@cmake/install-packages.sh test-packages.txt

install: build
	cmake --install build --prefix $(PREFIX)

format:
	@cmake/install-packages.sh clang-format git
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

lint: build
	@cmake/install-packages.sh clang-tidy git
	@git ls-files '*.cpp' | xargs -n 1 -P $$(nproc) clang-tidy -p build --quiet

clean:
	rm -rf build build-debug build-sanitize
