/*
 * Keeps the process alive when a memif peer goes away. DPDK's driver (22.11 to 24.11) then unmaps the shared memory in
 * EAL's interrupt thread while another thread may be in the middle of a burst over it: SIGSEGV, which ends a JVM.
 *
 * The driver clears its "connected" flag first, so a burst that begins later does nothing. What is missing is to wait for
 * the bursts that have begun before. This file puts that wait into the driver's call of munmap:
 *
 *   data path                           interrupt thread
 *   in_burst = 1                        connected = 0                  (driver)
 *   connected? use the memory           wait until in_burst was 0 once (here)
 *   in_burst = 0                        munmap                         (driver's call)
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "ix_dpdk.h"
#include "ix_memif.h"

#if defined(__x86_64__)
#define JUMP_SLOT R_X86_64_JUMP_SLOT
#define GLOB_DAT R_X86_64_GLOB_DAT
#elif defined(__aarch64__)
#define JUMP_SLOT R_AARCH64_JUMP_SLOT
#define GLOB_DAT R_AARCH64_GLOB_DAT
#endif

struct ix_burst_mark ix_burst_marks[RTE_MAX_ETHPORTS][IX_QUEUES_MAX][2];
uint8_t ix_guarded_ports[RTE_MAX_ETHPORTS];

static int
guarded_munmap(void *address, size_t bytes)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		if (!__atomic_load_n(&ix_guarded_ports[port], __ATOMIC_SEQ_CST))
			continue;
		for (unsigned int i = 0; i < 2 * IX_QUEUES_MAX; i++) {
			uint32_t *mark = &ix_burst_marks[port][i / 2][i % 2].bursts;
			uint32_t seen = __atomic_load_n(mark, __ATOMIC_SEQ_CST);
			/* Odd: in a burst. Any change after that means that it has ended. */
			while ((seen & 1) != 0 && __atomic_load_n(mark, __ATOMIC_SEQ_CST) == seen)
				sched_yield();
		}
	}
	return munmap(address, bytes);
}

struct module {
	ElfW(Addr) base;
	const ElfW(Dyn) *dynamic;
	int found;
	int bound_now;
};

static int
find_memif(struct dl_phdr_info *info, size_t size, void *argument)
{
	struct module *module = argument;
	(void)size;
	if (strstr(info->dlpi_name, "librte_net_memif.so") == NULL)
		return 0;
	module->base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			module->dynamic = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	}
	module->found = module->dynamic != NULL;
	return 1;
}

/* Points one entry of the driver's table of imported functions here; the table is read-only after start-up (RELRO). */
static int
redirect(void **slot, int bound_now)
{
	uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)slot & ~(page_bytes - 1));
	if (*slot == (void *)(uintptr_t)guarded_munmap)
		return 0;
	if (mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	__atomic_store_n(slot, (void *)(uintptr_t)guarded_munmap, __ATOMIC_SEQ_CST);
	/* Without BIND_NOW the loader still fills in other entries: the page was writable before and stays so. */
	return bound_now && mprotect(page, page_bytes, PROT_READ) != 0 ? -errno : 0;
}

static int
redirect_relocations(const struct module *module, const ElfW(Rela) *relocations, size_t bytes,
	const ElfW(Sym) *symbols, const char *strings)
{
	for (size_t i = 0; i < bytes / sizeof(*relocations); i++) {
		unsigned long type = ELF64_R_TYPE(relocations[i].r_info);
		const ElfW(Sym) *symbol = &symbols[ELF64_R_SYM(relocations[i].r_info)];
		if ((type == JUMP_SLOT || type == GLOB_DAT) && strcmp(strings + symbol->st_name, "munmap") == 0)
			return redirect((void **)(module->base + relocations[i].r_offset), module->bound_now);
	}
	return -ENOENT;
}

/* Guards bursts on a memif port from now on. Returns 0, or -errno when the driver cannot be guarded. */
IX_EXPORT int
ix_memif_guard(uint16_t port)
{
	struct module module = { 0 };
	const ElfW(Rela) *plt = NULL, *rela = NULL;
	const ElfW(Sym) *symbols = NULL;
	const char *strings = NULL;
	size_t plt_bytes = 0, rela_bytes = 0;
	int rc;

	dl_iterate_phdr(find_memif, &module);
	if (!module.found)
		return -ENOENT;
	for (const ElfW(Dyn) *d = module.dynamic; d->d_tag != DT_NULL; d++) {
		switch (d->d_tag) {
		case DT_JMPREL: plt = (const void *)d->d_un.d_ptr; break;
		case DT_PLTRELSZ: plt_bytes = d->d_un.d_val; break;
		case DT_RELA: rela = (const void *)d->d_un.d_ptr; break;
		case DT_RELASZ: rela_bytes = d->d_un.d_val; break;
		case DT_SYMTAB: symbols = (const void *)d->d_un.d_ptr; break;
		case DT_FLAGS: module.bound_now |= (d->d_un.d_val & DF_BIND_NOW) != 0; break;
		case DT_STRTAB: strings = (const void *)d->d_un.d_ptr; break;
		default: break;
		}
	}
	if (symbols == NULL || strings == NULL)
		return -ENOEXEC;
	rc = plt == NULL ? -ENOENT : redirect_relocations(&module, plt, plt_bytes, symbols, strings);
	if (rc == -ENOENT && rela != NULL)
		rc = redirect_relocations(&module, rela, rela_bytes, symbols, strings);
	if (rc == 0)
		__atomic_store_n(&ix_guarded_ports[port], 1, __ATOMIC_SEQ_CST);
	return rc;
}

IX_EXPORT void
ix_memif_unguard(uint16_t port)
{
	__atomic_store_n(&ix_guarded_ports[port], 0, __ATOMIC_SEQ_CST);
}
