# Every target sets up what it needs by itself, in .venv, and nothing outside this directory.
# ARGS='--data DIR --seed 7' reaches any script; DATA= SEED= EPOCHS= OUT= DEVICE= do the same, one by one.

PYTHON ?= python3
VENV := .venv
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" pyproject.toml
PY := $(VENV)/bin/python
PIP_FLAGS = -m pip install $(if $(MAKE_TERMERR),,--quiet) --disable-pip-version-check --no-cache-dir --require-hashes
PIP_INSTALL = $(PY) $(PIP_FLAGS) -r
PEERS := .venv-peers
TF1 := .venv-tf1
BENCH = mkdir -p data && $(PY) -m pytest -q -p no:randomly -p no:cacheprovider
# Results are kept once all has gone well.
RESULTS = bench/results/$$($(PY) -m bench.work)$(if $(filter gpu,$(DEVICE)),-gpu)
# PyTorch's build without CUDA of the release that is pinned, for Python 3.11: taken where pip finds it.
TORCH_CPU_SHA256 := 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

ifneq ($(findstring ',$(ARGS))$(findstring ",$(ARGS)),)
$(error ARGS=$(ARGS): quotes found, expected none; run .venv/bin/python -m ref for such arguments)
endif
SUMMARY := $(if $(filter command environment,$(firstword $(origin OUT))),$(OUT))
override OUT := $(or $(shell printf '%s' '$(ARGS)' | sed -nE 's/(^|.* )--out[ =]([^ ]+).*/\2/p'),$(OUT),runs)
FLAGS := --out $(OUT) $(if $(DATA),--data $(DATA)) $(if $(SEED),--seed $(SEED)) $(if $(EPOCHS),--epochs $(EPOCHS)) \
	$(if $(DEVICE),--device $(DEVICE)) $(ARGS)
BENCH_FLAGS := $(if $(DATA),--data $(DATA)) $(if $(DEVICE),--device $(DEVICE))
# What a script passes on to the one whose checkpoint it needs: not the flags that are its own.
SHARED_FLAGS := $(shell printf '%s\n' '$(FLAGS)' | grep -oE -- '--(data|seeds?|epochs|out|device|n-hidden[12])[ =][^ ]+')

ifneq ($(words $(OUT)),1)
$(error OUT='$(OUT)': spaces found, expected a directory without; make cannot quote them)
endif

CHECKPOINT_7 := $(OUT)/autoencoder_7/my_model_one_at_a_time.ckpt.index
CHECKPOINT_8 := $(OUT)/autoencoder_8/my_model_cache_frozen.ckpt.index

export MPLCONFIGDIR := $(CURDIR)/$(VENV)/cache/matplotlib
export KERAS_HOME := $(CURDIR)/$(VENV)/cache/keras

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PRECIOUS: $(CHECKPOINT_7) $(CHECKPOINT_8)
SCRIPTS := $(foreach n,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16,autoencoder_$(n))
.PHONY: help setup mnist chapter test lint check tables golden spread mutants verify lock $(SCRIPTS) \
	tf1 golden-tf1 bench bench-ports bench-growth bench-peers bench-report bench-compare bench-once \
	torture-data fuzz

help: ## this list
	@echo "usage: make TARGET [DATA=mnist|digits|DIR] [SEED=N] [EPOCHS=N] [OUT=DIR] [DEVICE=cpu|gpu] [ARGS='--flag …']"
	@echo
	@awk -F ':.*## ' '/^[a-z_0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

chapter: $(VENV)/runtime ## all sixteen scripts, in the chapter's order, and a closing table
	@$(PY) -m ref chapter $(FLAGS)

mnist: $(VENV)/runtime ## fetch the real MNIST to data/mnist (or $MNIST_DIR); run it again to resume
	@$(PY) -m scripts.fetch_mnist

autoencoder_1: ## PCA with an undercomplete linear autoencoder · needs no data
autoencoder_2: ## stacked autoencoder · needs data
autoencoder_3: ## tied weights · needs data
autoencoder_4: ## classifier, without pretraining · needs data
autoencoder_5: $(CHECKPOINT_8) ## classifier, unsupervised pretraining · needs data, autoencoder_8's checkpoint
autoencoder_6: ## one autoencoder at a time, several graphs · needs data
autoencoder_7: ## one autoencoder at a time, one graph · needs data
autoencoder_8: ## feeding the frozen layer's cached outputs · needs data
autoencoder_9: $(CHECKPOINT_7) ## visualizing the reconstructions · needs data, autoencoder_7's checkpoint
autoencoder_10: $(CHECKPOINT_7) ## visualizing features · needs autoencoder_7's checkpoint
autoencoder_11: ## denoising, Gaussian noise · needs data
autoencoder_12: ## denoising, dropout · needs data
autoencoder_13: ## sparse, KL divergence · needs data
autoencoder_14: ## sparse, faster with cross-entropy · needs data
autoencoder_15: ## variational autoencoder · needs data
autoencoder_16: ## variational autoencoder, generating digits · needs data

$(SCRIPTS): $(VENV)/runtime
	@$(PY) -m ref run $@ $(FLAGS)

$(CHECKPOINT_7): ref/autoencoder_07_single_graph.py | $(VENV)/runtime
	@echo "autoencoder_7 first: its checkpoint is missing or older than the script" >&2
	@$(PY) -m ref run autoencoder_7 $(SHARED_FLAGS) >&2

$(CHECKPOINT_8): ref/autoencoder_08_frozen_cache.py | $(VENV)/runtime
	@echo "autoencoder_8 first: its checkpoint is missing or older than the script" >&2
	@$(PY) -m ref run autoencoder_8 $(SHARED_FLAGS) >&2

test: $(VENV)/dev ## the test suite
	@$(PY) -m pytest -n 2 --dist worksteal

lint: $(VENV)/dev ## ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

check: $(VENV)/runtime ## are the generated tables up to date?
	@$(PY) -m scripts.render_tables --check
	@$(PY) -m bench.report --check

tables: $(VENV)/runtime ## write the tables and the picture of the README anew from ref/recorded
	@$(PY) -m scripts.render_tables

golden: $(VENV)/dev ## what would change in the recorded goldens; WRITE=1 changes it; PORT=7 shows one port's values
	@$(PY) -m scripts.golden $(if $(WRITE),--write) $(if $(PORT),--port $(PORT))

spread: $(VENV)/dev ## measure how the goldens spread over 13 numeric environments
	@$(PY) -m scripts.measure_spread

mutants: $(VENV)/mutants ## mutation testing, resumable: score and survivors; SAMPLE=40 tests some of them
	@$(PY) -m scripts.mutants $(if $(SAMPLE),--sample $(SAMPLE))

verify: $(VENV)/runtime ## all scripts at the book's epochs on MNIST with 3 seeds, against the published numbers' bands
	@$(PY) -m scripts.verify --out $(OUT)/verify

bench: $(VENV)/dev ## phase 2 of autoencoder_8 by every engine, frozen layer cached and recomputed; keeps the results
	@$(BENCH) bench/bench_engines.py $(BENCH_FLAGS) --benchmark-json=data/bench.json
	@mv data/bench.json $(RESULTS).json

bench-ports: $(VENV)/dev $(if $(NOTES),$(TF1)/installed) ## steps/s of every training port; NOTES=FILE: and of TF 1.15.5
	@$(BENCH) bench/bench_ports.py $(BENCH_FLAGS) $(if $(NOTES),--notes '$(NOTES)') --benchmark-json=data/bench.json
	@mv data/bench.json $(RESULTS)-ports.json

bench-growth: $(VENV)/dev ## how time and memory grow with rows, batch, width, frozen layers
	@$(BENCH) bench/bench_growth.py $(BENCH_FLAGS) --benchmark-json=data/bench.json
	@mv data/bench.json $(RESULTS)-growth.json

bench-peers: $(VENV)/dev $(PEERS)/installed ## beside TF 1 (if there: make tf1), Keras, PyTorch, JAX, BLAS; OUT=FILE: the summary there
	@$(PY) -m bench.peers $(if $(DATA),--data $(DATA)) $(if $(SUMMARY),--summary $(SUMMARY))

bench-report: $(VENV)/runtime ## tables and plots anew from bench/results
	@$(PY) -m bench.report

bench-compare: $(VENV)/dev ## measure the engines anew and hold them against the results kept of this machine
	@test -f $(RESULTS).json || \
		{ echo "error: $(RESULTS).json is not there, expected results kept of this machine; run make bench" >&2; exit 2; }
	@$(BENCH) bench/bench_engines.py $(BENCH_FLAGS) --benchmark-json=data/bench.json
	@$(PY) -m bench.compare $(RESULTS).json data/bench.json

bench-once: $(VENV)/dev ## run the smallest case of every benchmark once, unmeasured
	@$(PY) -m pytest -q -p no:randomly -p no:cacheprovider bench --quick --benchmark-disable --data digits

tf1: $(TF1)/installed ## TensorFlow 1.15.5 in .venv-tf1, for who records from it anew; TF1_PYTHON= names a Python 3.7

golden-tf1: $(VENV)/dev $(TF1)/installed ## write tests/golden/tf1 anew from TensorFlow 1.15.5; NOTES=FILE, the notes' Markdown
	@$(PY) -m scripts.record_tf1 $(if $(NOTES),--notes '$(NOTES)')
	@$(PY) -m scripts.record_crossing $(if $(NOTES),--notes '$(NOTES)')
	@$(TF1)/bin/python scripts/tf1/record_reader.py

torture-data: $(VENV)/runtime ## kill KILLS=50 downloads, make the digits in two processes at once STARTS=50 times
	@$(PY) -m scripts.torture_data $(if $(KILLS),--kills $(KILLS)) $(if $(STARTS),--starts $(STARTS))

fuzz: $(VENV)/fuzz ## fuzz the IDX reader, guided by coverage (Linux): RUNS=1000000 executions
	@$(PY) -m scripts.fuzz_idx -runs=$(or $(RUNS),1000000) -seed=$(or $(SEED),1) -print_final_stats=1

setup: $(VENV)/runtime ## only the set-up: .venv with the pinned packages

lock: $(VENV)/dev ## pin the packages of pyproject.toml anew
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev --constraint requirements.txt -o requirements-dev.txt
	@$(COMPILE) --extra dev --extra mutants --constraint requirements-dev.txt -o requirements-mutants.txt
	@$(COMPILE) --extra dev --extra fuzz --constraint requirements-dev.txt -o requirements-fuzz.txt
	@$(VENV)/bin/uv pip compile --quiet --python-version 3.7 --python-platform x86_64-manylinux2014 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" scripts/tf1/requirements.in -o requirements-tf1.txt
	# Both files together are the pins that uv keeps; then CUDA's libraries are taken out again.
	@cat requirements-peers-cuda.txt >> requirements-peers.txt
	@$(COMPILE) --extra peers --constraint requirements.txt -o requirements-peers.txt
	@awk '/^[a-z]/ { is_cuda = /^(nvidia-|cuda-|triton=)/ } is_cuda { print > "requirements-peers-cuda.txt"; next } { print } \
		/^torch=/ { print "    --hash=sha256:$(TORCH_CPU_SHA256) \\" }' requirements-peers.txt > requirements-peers.tmp
	@mv requirements-peers.tmp requirements-peers.txt

$(VENV)/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: $$($(PYTHON) --version) found, expected 3.10 to 3.13; say which with PYTHON=…" >&2; exit 2; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "setup: installing the pinned packages in $(VENV) (once)" >&2
	@$(PIP_INSTALL) requirements.txt
	@touch $@

$(TF1)/installed: requirements-tf1.txt | $(VENV)/runtime
	@$(PY) -m scripts.tf1.find_python $(if $(TF1_PYTHON),'$(TF1_PYTHON)') > $(VENV)/tf1-python
	@echo "setup: installing TensorFlow 1.15.5 in $(TF1) (once)" >&2
	@"$$(cat $(VENV)/tf1-python)" -m venv --clear $(TF1)
	@$(TF1)/bin/python $(PIP_FLAGS) -r requirements-tf1.txt
	@touch $@

$(VENV)/mutants: requirements-mutants.txt $(VENV)/dev
	@$(PIP_INSTALL) requirements-mutants.txt
	@touch $@

$(VENV)/fuzz: requirements-fuzz.txt $(VENV)/dev
	@$(PIP_INSTALL) requirements-fuzz.txt
	@touch $@

$(PEERS)/installed: requirements-peers.txt requirements-peers-cuda.txt | $(VENV)/runtime
	@echo "setup: installing PyTorch, JAX and Keras in $(PEERS) (once)" >&2
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python $(PIP_FLAGS) --no-deps -r requirements-peers.txt
	@$(PEERS)/bin/python -c 'import torch' 2>/dev/null || \
		{ echo "setup: this build of PyTorch wants CUDA's libraries, some GB" >&2; \
		$(PEERS)/bin/python $(PIP_FLAGS) --no-deps -r requirements-peers-cuda.txt; }
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@echo "setup: installing the pinned development packages in $(VENV) (once)" >&2
	@$(PIP_INSTALL) requirements-dev.txt
	@touch $@
