! SPDX-License-Identifier: Apache-2.0
! No print, no stop, no file: a plugin leaves all of these to the host.
subroutine axpy_kernel(count, s, x, y) bind(C, name="axpy_kernel")
    use, intrinsic :: iso_c_binding, only: c_size_t, c_double
    implicit none
    integer(c_size_t), value :: count
    real(c_double), value :: s
    real(c_double), intent(in) :: x(count)
    real(c_double), intent(inout) :: y(count)

    y = s * x + y
end subroutine axpy_kernel
